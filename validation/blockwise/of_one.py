"""One model's metric from its tallies: over all rows, and by slice."""

from dataclasses import dataclass

from policies.evidence.measurement import Measurement
from policies.evidence.slices import MeasuredPart, SliceMeasurement, defined
from validation.blockwise.figures import LossesAsked
from validation.blockwise.sums import Sums, parts_of, whole_of
from validation.blockwise.tally import Parts
from validation.measuring.scores import finite
from validation.metric import MetricUndefined
from validation.uncertainty import error_of


@dataclass(frozen=True)
class MetricAsked(LossesAsked):
    """The metric over all rows."""

    asks_again: bool = False

    def finding(self, first: Parts, second: Parts) -> Measurement:  # noqa: ARG002 there is none
        """The value."""
        sums = whole_of(first)
        return Measurement(value=finite(self.metric_name, sums.value(self.metric, 0)), rows=sums.rows)


@dataclass(frozen=True)
class SlicesAsked(LossesAsked):
    """The metric on each part; one that has none says why, and costs no other part."""

    def finding(self, first: Parts, second: Parts) -> SliceMeasurement:
        """Every part, in the order in which the slices are declared."""
        whole = whole_of(first)
        finite(self.metric_name, whole.value(self.metric, 0))
        found = tuple(self._measured(each, second) for each in parts_of(first, self.slices))
        return SliceMeasurement(rows=whole.rows, slices=defined(self.slices), parts=found)

    def _measured(self, sums: Sums, second: Parts) -> MeasuredPart:
        told = MeasuredPart(name=sums.part, slice=sums.slice, rows=sums.rows)
        if told.rows == 0:
            return told
        try:
            value = sums.value(self.metric, 0)
        except MetricUndefined as undefined:
            return told.model_copy(update={"wrong": f"has no value: {undefined}"})
        se = None
        if sums.sound(both=False) and not self.metric.largest:
            squares = sums.squares(second, of_days=self.dated)
            se = error_of(self.metric.power, sums.rows, squares.groups, squares.candidate)
        return told.model_copy(update={"value": value, "se": se})
