"""`{memory: {max: 500MB}}`: the candidate needs no more memory than that, loaded and asked."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from policies.evidence.memory import Memory, MemoryNeed
from policies.evidence.need import Need
from policies.figures import numbers
from policies.gates.gate import Gate, seek
from policies.section import Section
from policies.sizes import Bytes, in_megabytes
from policies.strictness import SMALLER, Stricter
from policies.verdicts import Outcome, Verdict


class MemoryBound(Section):
    """How much a model may need."""

    stricter: ClassVar[Mapping[str, Stricter]] = {"max": SMALLER}

    max: Bytes = Field(description="The most that passes: 500MB; MiB counts by 1,024.")


class LargestMemory(Gate):
    """What is resident at most while it loads and answers, above the libraries that every model shares."""

    marks: ClassVar[tuple[str, ...]] = ("memory",)
    example: ClassVar[str] = "{memory: {max: 500MB}}"

    memory: MemoryBound = Field(description="The most that it may need.")

    @property
    def subject(self) -> str:
        """Always the same."""
        return "memory"

    def needs(self) -> tuple[Need, ...]:
        """The peak of its process."""
        return (MemoryNeed(),)

    def judge(self, evidence: Evidence) -> Verdict:
        """Within the bound or not."""
        found = seek(evidence, self.needs()[0], Memory)
        if isinstance(found, Gap):
            return self.without(found)
        if found.bytes < 0:
            return self.says(Outcome.ERROR, f"the memory was {found.bytes} bytes, which is not a figure")
        told, allowed = numbers(in_megabytes(found.bytes), in_megabytes(self.memory.max))
        return self.says(
            Outcome.PASS if found.bytes <= self.memory.max else Outcome.FAIL,
            f"loaded and asked, it held {told} MB at most, {allowed} MB allowed",
            value=float(found.bytes),
            bound=float(self.memory.max),
        )
