"""`{fairness: {column: sex, metric: recall, max_difference: 0.05}}`: no group of rows fares much worse.

The two groups that are furthest apart are held against the bound, each pair of groups being as good as asked:
the interval of their gap is wide enough for all pairs (Bonferroni).
"""

import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, model_validator

from policies.evidence.evidence import Evidence
from policies.evidence.fairness import Group, Groups, GroupsNeed
from policies.evidence.gap import Gap
from policies.evidence.need import Need
from policies.figures import numbers, on_rows, percent
from policies.gates.gate import Gate, seek
from policies.gates.metric import HOLDOUT
from policies.metrics import POSITIVE_RATE, known_metric
from policies.quantities import Count, Share, Text
from policies.section import Section, refuse
from policies.strictness import LARGER, SMALLER, Stricter
from policies.students import quantile
from policies.verdicts import Outcome, Verdict

CONFIDENCE = 0.95


def _figure(given: Any) -> Any:
    rate = isinstance(given, str) and (given == POSITIVE_RATE or given.startswith(f"{POSITIVE_RATE} of "))
    return given if rate else known_metric(given)


class FairnessBound(Section):
    """Which groups, by which figure, and how far apart."""

    stricter: ClassVar[Mapping[str, Stricter]] = {
        "max_difference": SMALLER,
        "min_ratio": LARGER,
        "min_rows": LARGER,
    }

    column: Text = Field(description="The column whose values are the groups; the model need not take it.")
    metric: Annotated[Text, BeforeValidator(_figure, json_schema_input_type=str)] = Field(
        description="A metric, or positive_rate: how often the last of two classes is predicted; "
        "positive_rate of CLASS for any class."
    )
    max_difference: Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)] | None = Field(
        None, description="The largest gap between two groups, in the metric's own unit: 0.05."
    )
    min_ratio: Share | None = Field(
        None, description="The smaller figure as a share of the larger one, at least: 80%."
    )
    min_rows: Count = Field(50, description="With fewer rows in any group, nothing passes.")

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.max_difference is None and self.min_ratio is None:
            raise refuse("'fairness' has no bound", "add max_difference or min_ratio, such as min_ratio: 80%")
        return self


class Fairness(Gate):
    """The gap between the groups that are furthest apart, with its interval."""

    marks: ClassVar[tuple[str, ...]] = ("fairness",)
    example: ClassVar[str] = "{fairness: {column: sex, metric: recall, max_difference: 0.05}}"

    fairness: FairnessBound = Field(description="The groups, the figure, and how far apart they may be.")
    dataset: Text = Field(HOLDOUT, description="Name of the data set to measure on.")

    @property
    def subject(self) -> str:
        """The figure and the column."""
        where = "" if self.dataset == HOLDOUT else f" on {self.dataset}"
        return f"{self.fairness.metric} by {self.fairness.column}{where}"

    def needs(self) -> tuple[Need, ...]:
        """The figure by group."""
        asked = self.fairness
        return (GroupsNeed(dataset=self.dataset, column=asked.column, metric=asked.metric),)

    def judge(self, evidence: Evidence) -> Verdict:
        """Fails what is certainly too far apart; with a group too small, nothing passes."""
        found = seek(evidence, self.needs()[0], Groups)
        if isinstance(found, Gap):
            return self.without(found)
        small = [group for group in found.groups if group.rows < self.fairness.min_rows]
        judged = [group for group in found.groups if group not in small]
        if wrong := [group for group in judged if not _sound(group)]:
            why = wrong[0].wrong or f"was {wrong[0].value}, which is not a figure"
            return self.says(Outcome.ERROR, f"{self.subject}: {wrong[0].name} {why}")
        if len(judged) < 2:  # noqa: PLR2004 a gap is between two
            told = (
                f"{self.subject}: fewer than two groups have {self.fairness.min_rows:,} rows{_sizes(small)}"
            )
            return self.says(Outcome.INCONCLUSIVE, f"{told}, so nothing can be told")
        return self._gap(judged, small)

    def _gap(self, judged: list[Group], small: list[Group]) -> Verdict:
        """The widest gap; `apart` and `surely` say whether it is too wide, and whether that is certain."""
        low, high = min(judged, key=_value), max(judged, key=_value)
        pairs = len(judged) * (len(judged) - 1) / 2
        reach = quantile(1 - (1 - CONFIDENCE) / (2 * pairs), math.inf)
        difference, wide = _value(high) - _value(low), reach * math.hypot(low.se or 0.0, high.se or 0.0)
        apart, surely, allowed = self._too_far(low, high, wide)
        smaller, larger = numbers(_value(low), _value(high))
        gap, least, most = numbers(difference, difference - wide, difference + wide)
        told = (
            f"{self.subject}: {low.name} had {smaller} and {high.name} {larger}, {gap} apart "
            f"({least} to {most} with {percent(CONFIDENCE)} confidence over all pairs), {allowed}; "
            f"the smallest of {len(judged)} groups has {min(group.rows for group in judged):,} rows"
        )
        figures = {"value": difference, "rows": low.rows}
        if apart and surely:
            return self.says(Outcome.FAIL, told, **figures)
        if apart:
            return self.says(Outcome.INCONCLUSIVE, f"{told}: too few to tell", **figures)
        if small:
            why = f"could not be told of groups with fewer than {self.fairness.min_rows:,} rows"
            return self.says(Outcome.INCONCLUSIVE, f"{told}; {why}{_sizes(small)}", **figures)
        return self.says(Outcome.PASS, told, **figures)

    def _too_far(self, low: Group, high: Group, wide: float) -> tuple[bool, bool, str]:
        """Whether the gap is beyond a bound, whether its nearest end is, too, and the bounds in words."""
        difference, asked = _value(high) - _value(low), self.fairness
        apart, surely, words = [], [], []
        if asked.max_difference is not None:
            apart.append(difference > asked.max_difference)
            surely.append(difference - wide > asked.max_difference)
            words.append(f"at most {numbers(asked.max_difference)[0]} allowed")
        if asked.min_ratio is not None:
            most = (1 - asked.min_ratio) * _value(high)
            apart.append(difference > most)
            surely.append(difference - wide > most)
            words.append(f"at least {percent(asked.min_ratio)} of the larger demanded")
        return any(apart), any(surely), " and ".join(words)


def _value(group: Group) -> float:
    assert group.value is not None, "checked to be a figure"
    return group.value


def _sound(group: Group) -> bool:
    figures = (group.value, group.se)
    return all(figure is not None and math.isfinite(figure) for figure in figures)


def _sizes(groups: list[Group]) -> str:
    return (": " + ", ".join(f"{each.name} {on_rows(each.rows)}" for each in groups[:5])) if groups else ""
