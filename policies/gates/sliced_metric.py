"""`{metric: rmse, slices: {max: {jfk: 14, default: 8}, min_rows: 300}}`: every slice for itself.

Bounds are held against the measured values; that none got worse is `slice_comparison`'s.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field

from policies.datasets import Dataset
from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from policies.evidence.need import Need
from policies.evidence.slices import (
    MeasuredPart,
    Part,
    SliceComparison,
    SliceComparisonNeed,
    SliceMeasurement,
    SliceNeed,
)
from policies.figures import numbers, on_rows
from policies.gates.gate import Gate, seek
from policies.gates.metric import HOLDOUT
from policies.gates.slice_comparison import AgainstChampion
from policies.gates.slice_limits import SliceLimits
from policies.gates.spoken import WORST, Spoken
from policies.metrics import MetricName
from policies.quantities import Text
from policies.section import Complaint
from policies.verdicts import OnInconclusive, Outcome, Verdict

MOST_TOLD = 3
"""Slices that a sentence names; a reviewer cannot act on forty."""


class SlicedMetric(Gate):
    """One metric, on every slice of a data set."""

    marks: ClassVar[tuple[str, ...]] = ("metric", "slices")
    example: ClassVar[str] = "{metric: rmse, slices: {max: {jfk: 14, default: 8}, min_rows: 300}}"

    metric: MetricName = Field(description="Name of a metric that Gatehouse measures.")
    slices: SliceLimits = Field(description="What is asked of each slice that the data set declares.")
    dataset: Text = Field(HOLDOUT, description="Name of the data set whose slices they are.")
    on_inconclusive: OnInconclusive | None = Field(
        None, description="What follows if the data cannot say; without it, what the transition says."
    )

    @property
    def subject(self) -> str:
        """The metric, and the data set if it is not the usual one."""
        return f"{self.metric} by slice" + ("" if self.dataset == HOLDOUT else f" on {self.dataset}")

    def unfit(self, datasets: Mapping[str, Dataset]) -> Iterable[Complaint]:
        """Slices that the data set does not declare."""
        slices = datasets[self.dataset].slices if self.dataset in datasets else {}
        if not slices:
            what = f"the data set '{self.dataset}' declares no slices"
            return [Complaint(("slices",), what, f"add slices to datasets: {self.dataset}", on_key=True)]
        return [c._replace(at=("slices", *c.at)) for c in self.slices.unknown(slices)]

    def needs(self) -> tuple[Need, ...]:
        """The metric by slice, and the comparison where one is asked for."""
        measured = SliceNeed(metric=self.metric, dataset=self.dataset)
        if self.slices.no_worse_than_champion is None:
            return (measured,)
        return (measured, SliceComparisonNeed(metric=self.metric, dataset=self.dataset))

    def judge(self, evidence: Evidence) -> Verdict:
        """The worst that is said of any slice."""
        found = seek(evidence, self.needs()[0], SliceMeasurement)
        if isinstance(found, Gap):
            return self.without(found)
        limits = self.slices
        compares = limits.no_worse_than_champion is not None
        if compares and evidence.champion is None and not (limits.max or limits.min):
            return self.says(Outcome.SKIP, f"{self.subject} was not compared: there is no champion yet")
        judged, small = self._large_enough(found.parts)
        spoken = [*self._absent(found.parts), *(self._within(part) for part in judged)]
        if not judged:
            spoken.append(Spoken(Outcome.ERROR, f"none has {limits.min_rows:,} rows, so none can be judged"))
        if compares and evidence.champion is not None:
            compared = seek(evidence, self.needs()[1], SliceComparison)
            if isinstance(compared, Gap):
                return self.without(compared)
            asked = AgainstChampion(self.metric, limits.no_worse_than_champion or 0.0, limits.confidence)
            spoken += asked.spoken(compared.parts, [part.name for part in judged])
        return self._verdict(spoken, len(judged), small, first=compares and evidence.champion is None)

    def says(self, outcome: Outcome, sentence: str, **figures: Any) -> Verdict:
        """A verdict that remembers what follows if it is inconclusive."""
        return super().says(outcome, sentence, **figures, on_inconclusive=self.on_inconclusive)

    def _large_enough(self, parts: Sequence[MeasuredPart]) -> tuple[list[MeasuredPart], list[MeasuredPart]]:
        """The parts to be judged, and those of which too few rows are there; of no rows is told apart."""
        there = [part for part in parts if part.rows > 0]
        judged = [part for part in there if part.rows >= self.slices.min_rows]
        return judged, [part for part in there if part not in judged]

    def _absent(self, parts: Sequence[Part]) -> Iterator[Spoken]:
        """A slice that matches nothing was not looked at, which must not pass for good."""
        empty = [part.name for part in parts if part.rows <= 0]
        for name in [*empty, *self.slices.without_rows(parts)]:
            yield Spoken(Outcome.ERROR, f"{name} matches no row")

    def _within(self, part: MeasuredPart) -> Spoken:
        """One part against its bounds."""
        if part.value is None or not math.isfinite(part.value):
            why = part.wrong or f"was {part.value}, which is not a figure"
            return Spoken(Outcome.ERROR, f"{part.name} {why}", rows=part.rows)
        lowest, largest = self.slices.bounds(part)
        over = -math.inf if largest is None else part.value - largest
        under = -math.inf if lowest is None else lowest - part.value
        bound, words = (largest, "at most") if over >= under else (lowest, "at least")
        if bound is None:
            (told,) = numbers(part.value)
            return Spoken(Outcome.PASS, f"{part.name} was {told}, {on_rows(part.rows)}", -math.inf)
        told, allowed = numbers(part.value, bound)
        return Spoken(
            Outcome.FAIL if max(over, under) > 0 else Outcome.PASS,
            f"{part.name} was {told}, {words} {allowed} allowed, {on_rows(part.rows)}",
            max(over, under) / (abs(bound) or 1.0),
            part.value,
            bound,
            part.rows,
        )

    def _verdict(
        self, spoken: Sequence[Spoken], judged: int, small: Sequence[Part], *, first: bool
    ) -> Verdict:
        """The worst outcome, with the worst slices of that outcome named."""
        outcome = min((each.outcome for each in spoken), key=WORST.index)
        worst = sorted(
            (s for s in spoken if s.outcome is outcome), key=lambda s: (s.bound is None, -s.badness)
        )
        named = worst[: 1 if outcome is Outcome.PASS else MOST_TOLD]
        told = "; ".join(each.words for each in named)
        if outcome is Outcome.PASS:
            told = f"nearest to its bound, {told}" if named[0].bound is not None else told
        elif len(worst) > len(named):
            told += f"; and {len(worst) - len(named)} more"
        tail = f" ({judged} judged{self._small(small)}{'; no champion yet to compare with' if first else ''})"
        return self.says(
            outcome,
            f"{self.subject}: {told}{tail}",
            value=named[0].value,
            bound=named[0].bound,
            rows=named[0].rows,
        )

    def _small(self, small: Sequence[Part]) -> str:
        if not small:
            return ""
        names = ", ".join(part.name for part in small[:MOST_TOLD])
        more = f" and {len(small) - MOST_TOLD} more" if len(small) > MOST_TOLD else ""
        return f"; too small with fewer than {self.slices.min_rows:,} rows: {names}{more}"
