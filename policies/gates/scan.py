"""`{scan: safe}`: nothing in the model's files is dangerous to load; looked at before anything is loaded."""

from typing import ClassVar, Literal

from pydantic import Field

from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from policies.evidence.need import Need
from policies.evidence.scan import Scan, ScanNeed
from policies.gates.gate import Gate, seek
from policies.verdicts import Outcome, Verdict

_TOLD = 3
"""Of many threats a reviewer reads the first few."""


class SafeScan(Gate):
    """No dangerous import in a pickle, no Lambda layer or foreign class in a Keras model, no way out."""

    marks: ClassVar[tuple[str, ...]] = ("scan",)
    example: ClassVar[str] = "{scan: safe}"

    scan: Literal["safe"] = Field(
        description="safe: no unsafe pickle, no Lambda layer, nothing outside the model's folder. "
        "A model found unsafe is not loaded, unless the gate only warns or is excepted."
    )

    @property
    def subject(self) -> str:
        """Always the same."""
        return "scan"

    def needs(self) -> tuple[Need, ...]:
        """A scan; where the gate only warns, the model is loaded all the same."""
        return (ScanNeed(blocking=self.severity == "block"),)

    def judge(self, evidence: Evidence) -> Verdict:
        """Fails naming what was found and where."""
        found = seek(evidence, self.needs()[0], Scan)
        if isinstance(found, Gap):
            return self.without(found)
        if found.files < 1:
            return self.says(Outcome.ERROR, "scan: there were no files to look at")
        if found.threats:
            told = "; ".join(f"{threat.where} {threat.what}" for threat in found.threats[:_TOLD])
            more = len(found.threats) - _TOLD + found.more
            rest = f"; and {more:,} more" if more > 0 else ""
            return self.says(Outcome.FAIL, f"scan: {told}{rest}")
        count = f"{found.files:,} file{'' if found.files == 1 else 's'}"
        own = f"; {', '.join(found.code[:_TOLD])} carries its author's own code" if found.code else ""
        return self.says(Outcome.PASS, f"scan found nothing unsafe in {count}{own}")
