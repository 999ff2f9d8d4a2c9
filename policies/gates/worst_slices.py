"""`{metric: rmse, worst_slices: {margin: 50%}}`: no slice that can be found does much worse than the rest.

Slices are looked for on one half of the rows, and the worst of them judged on the other, corrected by Holm:
so noise is taken for a weakness in at most one of twenty validations, however many slices were looked at.
"""

import math
from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from policies.evidence.need import Need
from policies.evidence.worst_slices import FoundSlice, WorstSlices, WorstSlicesNeed
from policies.figures import numbers, on_rows, percent
from policies.gates.gate import Gate, seek
from policies.gates.metric import HOLDOUT
from policies.holm import holm
from policies.metrics import Better, MetricName, direction
from policies.noninferiority import expm1
from policies.quantities import Count, Percent, Text
from policies.section import Section
from policies.strictness import SMALLER, Stricter
from policies.students import above, quantile
from policies.verdicts import Outcome, Verdict

CONFIDENCE = 0.95


class SearchedSlices(Section):
    """Where slices are looked for, and how much worse one may be."""

    stricter: ClassVar[Mapping[str, Stricter]] = {"margin": SMALLER}

    margin: Annotated[Percent, Field(ge=0)] = Field(
        description="How much worse than all other rows a slice may be: 50%."
    )
    columns: Annotated[tuple[Text, ...], Field(max_length=20)] = Field(
        (),
        description="Columns whose values, bins and pairs are looked at; without it all that are fit for it.",
    )
    min_rows: Annotated[Count, Field(ge=10)] = Field(100, description="Smaller slices are not looked at.")


class WorstSlicesGate(Gate):
    """The worst slices over columns and pairs of columns, found without being named."""

    marks: ClassVar[tuple[str, ...]] = ("metric", "worst_slices")
    example: ClassVar[str] = "{metric: rmse, worst_slices: {margin: 50%, columns: [hour, zone]}}"

    metric: MetricName = Field(description="Name of a metric that Gatehouse measures.")
    worst_slices: SearchedSlices = Field(description="Where to look, and how much worse a slice may be.")
    dataset: Text = Field(HOLDOUT, description="Name of the data set to look in.")

    @property
    def subject(self) -> str:
        """The metric, and the data set if it is not the usual one."""
        return f"worst slices of {self.metric}" + ("" if self.dataset == HOLDOUT else f" on {self.dataset}")

    def needs(self) -> tuple[Need, ...]:
        """The worst slices that there are."""
        asked = self.worst_slices
        return (
            WorstSlicesNeed(
                dataset=self.dataset, metric=self.metric, columns=asked.columns, min_rows=asked.min_rows
            ),
        )

    def judge(self, evidence: Evidence) -> Verdict:
        """Fails if any slice is certainly worse than the rest by more than the margin."""
        found = seek(evidence, self.needs()[0], WorstSlices)
        if isinstance(found, Gap):
            return self.without(found)
        if not found.slices:
            few = f"none of {found.tried:,} slices has {self.worst_slices.min_rows:,} rows in both halves"
            return self.says(Outcome.ERROR, f"{self.subject}: {few}", rows=found.rows)
        if not all(map(_sound, found.slices)):
            return self.says(Outcome.ERROR, f"{self.subject} were told in figures that cannot be")
        adjusted = holm([self._p(each) for each in found.slices])
        worst = min(zip(adjusted, found.slices, strict=True), key=lambda pair: (pair[0], pair[1].name))
        certain = sum(p < 1 - CONFIDENCE for p in adjusted)
        more = f", and {certain - 1} more" if certain > 1 else ""
        words = "certainly" if certain else "not certainly"
        return self.says(
            Outcome.FAIL if certain else Outcome.PASS,
            f"{self.subject}: {self._told(worst[1])}, {words} more than {percent(self.worst_slices.margin)} "
            f"worse{more}; {found.tried:,} slices were looked at, {on_rows(found.rows)}",
            value=worst[1].value,
            rows=worst[1].rows,
        )

    @property
    def _sign(self) -> int:
        return 1 if direction(self.metric) is Better.SMALLER else -1

    def _p(self, found: FoundSlice) -> float:
        """How likely a slice so bad is, were it worse by just the margin."""
        margin = min(self.worst_slices.margin, 0.999) if self._sign < 0 else self.worst_slices.margin
        beyond = self._sign * found.log_ratio - self._sign * math.log1p(self._sign * margin)
        if found.se == 0:
            return 0.0 if beyond > 0 else 1.0
        return above(beyond / found.se, found.dof)

    def _told(self, found: FoundSlice) -> str:
        value, rest = numbers(found.value, found.rest)
        reach = quantile((1 + CONFIDENCE) / 2, found.dof) * found.se
        ends = sorted(self._sign * expm1(found.log_ratio + side * reach) for side in (-1, 1))
        least, most = (f"{percent(end)} {'worse' if end > 0 else 'better'}" for end in ends)
        return (
            f"{found.name} had {value} against the rest's {rest} ({least} to {most}), {on_rows(found.rows)}"
        )


def _sound(found: FoundSlice) -> bool:
    figures = (found.value, found.rest, found.log_ratio, found.se, found.dof)
    return all(map(math.isfinite, figures)) and found.se >= 0 and found.dof > 0
