"""`{signature: required}`: the candidate says what it takes and gives."""

from typing import ClassVar, Literal

from pydantic import Field

from policies.evidence.evidence import Evidence
from policies.gates.gate import Gate
from policies.verdicts import Outcome, Verdict


class RequiredSignature(Gate):
    """The model was logged with a signature that names its inputs."""

    marks: ClassVar[tuple[str, ...]] = ("signature",)
    example: ClassVar[str] = "{signature: required}"

    signature: Literal["required"] = Field(
        description="required: the model was logged with its inputs named."
    )

    @property
    def subject(self) -> str:
        """Always the same: there is one signature."""
        return "signature"

    def judge(self, evidence: Evidence) -> Verdict:
        """Fails without a signature, or with one that names no input."""
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
        count = len(found.inputs)
        return self.says(Outcome.PASS, f"the signature names {count} input{'' if count == 1 else 's'}")
