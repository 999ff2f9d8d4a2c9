"""`{loads: within 60s}`: the candidate loads and answers its input example in time."""

import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from policies.evidence.loading import Loading, LoadNeed
from policies.evidence.need import Need
from policies.figures import numbers
from policies.gates.gate import Gate, seek
from policies.quantities import parse_duration
from policies.section import refuse
from policies.strictness import SMALLER, Stricter
from policies.verdicts import Outcome, Verdict
from policies.wording import shown


def _within(given: Any) -> float:
    """Seconds of `within 60s`."""
    if not isinstance(given, str) or not given.startswith("within "):
        raise refuse(f"{shown(given)} is not a time to load in", "write within and a duration: within 60s")
    return parse_duration(given.removeprefix("within "))


class Loads(Gate):
    """The candidate can be loaded and asked, in bearable time."""

    marks: ClassVar[tuple[str, ...]] = ("loads",)
    example: ClassVar[str] = "{loads: within 60s}"
    stricter: ClassVar[Mapping[str, Stricter]] = {"loads": SMALLER}

    loads: Annotated[float, BeforeValidator(_within, json_schema_input_type=str)] = Field(
        description="Time to load and answer the input example: within 60s."
    )

    @property
    def subject(self) -> str:
        """Always the same."""
        return "loads"

    def needs(self) -> tuple[Need, ...]:
        """One loading, given up after the time allowed."""
        return (LoadNeed(within_s=self.loads),)

    def judge(self, evidence: Evidence) -> Verdict:
        """Fails if it did not answer, or took too long."""
        found = seek(evidence, self.needs()[0], Loading)
        if isinstance(found, Gap):
            return self.without(found)
        if not math.isfinite(found.seconds) or found.seconds < 0:
            return self.says(Outcome.ERROR, f"the time to load was {found.seconds}, which is not a figure")
        if not found.answered:
            why = "the model loaded and was asked nothing: log an input example with it"
            return self.says(Outcome.FAIL, why)
        took, allowed = numbers(found.seconds, self.loads)
        return self.says(
            Outcome.PASS if found.seconds <= self.loads else Outcome.FAIL,
            f"loading and answering took {took} s, at most {allowed} s allowed",
            value=found.seconds,
            bound=self.loads,
        )
