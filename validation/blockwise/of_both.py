"""Candidate and champion compared from tallies of both: over all rows, and by slice."""

import math
from dataclasses import dataclass

from policies.evidence.comparison import Comparison
from policies.evidence.slices import ComparedPart, SliceComparison, defined
from validation.blockwise.figures import LossesAsked
from validation.blockwise.sums import Sums, parts_of, whole_of
from validation.blockwise.tally import Parts
from validation.comparison import surely
from validation.measuring.scores import Unmeasured, finite
from validation.metric import MetricUndefined
from validation.resampling import resampled_sums


@dataclass(frozen=True)
class ComparisonAsked(LossesAsked):
    """Both figures over all rows, how sure their ratio is, and the bootstrap beside."""

    def finding(self, first: Parts, second: Parts) -> Comparison:
        """The comparison."""
        sums = whole_of(first)
        found = compared(self, sums, second)
        if not math.isfinite(found.champion):
            raise Unmeasured(f"the champion could not be scored: its {self.metric_name} is {found.champion}")
        finite(self.metric_name, found.candidate)
        if found.spread is None:
            return found
        units = sums.groups if not self.dated and self.drawn == "groups" else sums.units
        beside = resampled_sums(self.metric.power, units, of_days=self.dated)
        return found.model_copy(update={"resampled": beside})


@dataclass(frozen=True)
class SlicesComparedAsked(LossesAsked):
    """Both figures on each part, and how sure their ratio is."""

    def finding(self, first: Parts, second: Parts) -> SliceComparison:
        """Every part, in the order in which the slices are declared."""
        whole = whole_of(first)
        found = tuple(self._compared(each, second) for each in parts_of(first, self.slices))
        return SliceComparison(rows=whole.rows, slices=defined(self.slices), parts=found)

    def _compared(self, sums: Sums, second: Parts) -> ComparedPart:
        told = ComparedPart(name=sums.part, slice=sums.slice, rows=sums.rows)
        if told.rows == 0:
            return told
        try:
            found = compared(self, sums, second)
        except MetricUndefined as undefined:
            return told.model_copy(update={"wrong": f"has no value: {undefined}"})
        if not math.isfinite(found.champion):
            wrong = f"could not be compared: the champion's is {found.champion}"
            return told.model_copy(update={"wrong": wrong})
        return told.model_copy(update={"compared": found})


def compared(asked: LossesAsked, sums: Sums, second: Parts) -> Comparison:
    """One part. Raises MetricUndefined for what some row said."""
    found = Comparison(
        candidate=sums.value(asked.metric, 0),
        champion=sums.value(asked.metric, 1),
        rows=sums.rows,
        days=len(sums.units) if asked.dated else None,
    )
    if asked.metric.largest or not sums.sound(both=True):
        return found
    return surely(found, asked.metric.power, sums.squares(second, of_days=asked.dated))
