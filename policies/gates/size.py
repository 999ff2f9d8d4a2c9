"""`{size: 50MB}`: the model's files are no larger than that, all together."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from policies.evidence.need import Need
from policies.evidence.size import Size, SizeNeed
from policies.figures import numbers
from policies.gates.gate import Gate, seek
from policies.sizes import Bytes, in_megabytes
from policies.strictness import SMALLER, Stricter
from policies.verdicts import Outcome, Verdict


class LargestSize(Gate):
    """The files of the model version, without its run's other artifacts."""

    marks: ClassVar[tuple[str, ...]] = ("size",)
    example: ClassVar[str] = "{size: 50MB}"
    stricter: ClassVar[Mapping[str, Stricter]] = {"size": SMALLER}

    size: Bytes = Field(description="The largest size that passes: 50MB; MiB counts by 1,024.")

    @property
    def subject(self) -> str:
        """Always the same."""
        return "size"

    def needs(self) -> tuple[Need, ...]:
        """The sum of the files."""
        return (SizeNeed(),)

    def judge(self, evidence: Evidence) -> Verdict:
        """Within the bound or not; no files at all cannot be judged."""
        found = seek(evidence, self.needs()[0], Size)
        if isinstance(found, Gap):
            return self.without(found)
        if found.files < 1 or found.bytes < 1:
            return self.says(Outcome.ERROR, "the size cannot be told: there are no files to add up")
        told, allowed = numbers(in_megabytes(found.bytes), in_megabytes(self.size))
        plural = "" if found.files == 1 else "s"
        return self.says(
            Outcome.PASS if found.bytes <= self.size else Outcome.FAIL,
            f"size was {told} MB in {found.files:,} file{plural}, at most {allowed} MB allowed",
            value=float(found.bytes),
            bound=float(self.size),
        )
