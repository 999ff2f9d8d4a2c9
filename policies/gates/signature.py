"""`{signature: required}`: the candidate says what it takes and gives; `compatible`: its callers go on."""

from typing import ClassVar, Literal

from pydantic import Field

from policies.compatibility import breaks
from policies.evidence.evidence import Evidence
from policies.gates.gate import Gate
from policies.verdicts import Outcome, Verdict


class SignatureGate(Gate):
    """The model was logged with a signature that names its inputs, or that suits the champion's callers."""

    marks: ClassVar[tuple[str, ...]] = ("signature",)
    example: ClassVar[str] = "{signature: required}"

    signature: Literal["required", "compatible"] = Field(
        description="required: the model was logged with its inputs named. compatible: every input that the "
        "champion's callers send is still accepted, and its outputs are the same."
    )

    @property
    def subject(self) -> str:
        """There is one signature, alone or beside the champion's."""
        return "signature" if self.signature == "required" else "signature against champion"

    def judge(self, evidence: Evidence) -> Verdict:
        """Fails without a signature, with one that names no input, or with one that lets callers down."""
        if self.signature == "compatible" and evidence.champion is None:
            return self.says(Outcome.SKIP, "the signature was not compared: there is no champion yet")
        found = evidence.candidate.signature
        if found is None:
            return self.says(
                Outcome.FAIL,
                "the model has no signature; log it with signature=infer_signature(inputs, outputs)",
            )
        if not found.inputs:
            return self.says(
                Outcome.FAIL, "the model's signature names no inputs; infer it from example inputs"
            )
        if self.signature == "compatible":
            return self._compared(evidence)
        count = len(found.inputs)
        return self.says(Outcome.PASS, f"the signature names {count} input{'' if count == 1 else 's'}")

    def _compared(self, evidence: Evidence) -> Verdict:
        assert evidence.candidate.signature is not None
        assert evidence.champion is not None
        theirs = evidence.champion.signature
        if theirs is None or not theirs.inputs:
            why = evidence.champion.unreadable or "it was logged without inputs"
            return self.says(Outcome.ERROR, f"the champion's signature cannot be told: {why}")
        if broken := breaks(evidence.candidate.signature, theirs):
            return self.says(Outcome.FAIL, f"the signature would let callers down: {'; '.join(broken)}")
        count = len(theirs.inputs)
        inputs = f"all {count} inputs" if count > 1 else "the one input"
        return self.says(Outcome.PASS, f"the signature takes {inputs} of the champion, and gives the same")
