"""`{calibration: {max: 5%, bins: 10}}`: probabilities are as often right as they say."""

import math
from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from policies.evidence.calibration import Calibration, CalibrationNeed
from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from policies.evidence.need import Need
from policies.figures import numbers, on_rows, percent
from policies.gates.gate import Gate, seek
from policies.gates.metric import HOLDOUT
from policies.quantities import Count, Share, Text
from policies.section import Section
from policies.strictness import SMALLER, Stricter
from policies.verdicts import Outcome, Verdict


class CalibrationBound(Section):
    """How far off probabilities may be."""

    stricter: ClassVar[Mapping[str, Stricter]] = {"max": SMALLER}

    max: Share = Field(description="The largest expected calibration error that passes: 5%.")
    bins: Annotated[Count, Field(ge=2, le=100)] = Field(10, description="Bins of equal width from 0 to 1.")


class CalibrationGate(Gate):
    """The expected calibration error, never nought: what chance alone would show is held against it."""

    marks: ClassVar[tuple[str, ...]] = ("calibration",)
    example: ClassVar[str] = "{calibration: {max: 5%, bins: 10}}"

    calibration: CalibrationBound = Field(description="The largest error, and over how many bins.")
    dataset: Text = Field(HOLDOUT, description="Name of the data set to measure on.")

    @property
    def subject(self) -> str:
        """And the data set if it is not the usual one."""
        return "calibration" + ("" if self.dataset == HOLDOUT else f" on {self.dataset}")

    def needs(self) -> tuple[Need, ...]:
        """The error over these bins."""
        return (CalibrationNeed(dataset=self.dataset, bins=self.calibration.bins),)

    def judge(self, evidence: Evidence) -> Verdict:
        """Fails if the error is too large even without what chance adds; inconclusive if only with it."""
        found = seek(evidence, self.needs()[0], Calibration)
        if isinstance(found, Gap):
            return self.without(found)
        figures = (found.error, found.by_chance)
        if found.rows < 1 or not all(math.isfinite(figure) and figure >= 0 for figure in figures):
            return self.says(Outcome.ERROR, f"the calibration error was {found.error}, which is not a figure")
        bound = self.calibration.max
        told = (
            f"calibration error was {percent(found.error)} over {self.calibration.bins} bins, at most "
            f"{percent(bound)} allowed and {percent(found.by_chance)} by chance{_worst(found)}, "
            f"{on_rows(found.rows)}"
        )
        outcome = Outcome.PASS if found.error <= bound else Outcome.INCONCLUSIVE
        if found.error - found.by_chance > bound:
            outcome = Outcome.FAIL
        return self.says(outcome, told, value=found.error, bound=bound, rows=found.rows)


def _worst(found: Calibration) -> str:
    """The bin that adds most to the error."""
    if not found.bins:
        return ""
    worst = max(found.bins, key=lambda each: each.rows * abs(each.predicted - each.came_true))
    low, high = numbers(worst.low, worst.high)
    says, true = percent(worst.predicted), percent(worst.came_true)
    return f"; most between {low} and {high}: {says} predicted, {true} came true {on_rows(worst.rows)}"
