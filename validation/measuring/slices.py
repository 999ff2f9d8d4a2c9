"""One metric of every slice, of the candidate, and of candidate and champion on the same rows."""

import math
from dataclasses import dataclass

from policies.evidence.slices import (
    BySlice,
    ComparedPart,
    MeasuredPart,
    SliceComparison,
    SliceComparisonNeed,
    SliceMeasurement,
    SliceNeed,
    defined,
)
from validation.arrays import Floats, Integers
from validation.comparison import compare
from validation.holdout import Holdout
from validation.measuring.scores import Scores, Unmeasured, finite, metric_called
from validation.metric import Metric, MetricUndefined
from validation.slicing import Cut, SlicesUnfit, cut
from validation.uncertainty import log_error


def slice_measurement(need: SliceNeed, scores: Scores) -> SliceMeasurement:
    """The metric on each part; one that has none says why, and costs no other part."""
    holdout = scores.holdout(need.dataset)
    metric = metric_called(need.metric, holdout)
    predictions = scores.predictions(need.dataset)
    finite(need.metric, metric.value(holdout.target, predictions))
    parts = tuple(_measured(metric, holdout, predictions, each) for each in _cuts(need, holdout))
    return SliceMeasurement(rows=holdout.rows, slices=defined(need.slices), parts=parts)


def slice_comparison(need: SliceComparisonNeed, scores: Scores) -> SliceComparison:
    """Both figures on each part, and how sure their ratio is."""
    holdout = scores.holdout(need.dataset)
    metric = metric_called(need.metric, holdout)
    ours, theirs = scores.predictions(need.dataset), scores.champions(need.dataset)
    both = _Both(metric, holdout.target, ours, theirs, holdout.days)
    parts = tuple(both.compared(each) for each in _cuts(need, holdout))
    return SliceComparison(rows=holdout.rows, slices=defined(need.slices), parts=parts)


def _cuts(need: BySlice, holdout: Holdout) -> list[Cut]:
    if not need.slices:
        raise Unmeasured(f"the data set '{need.dataset}' declares no slices")
    try:
        return cut(holdout, need.slices)
    except SlicesUnfit as unfit:
        raise Unmeasured(str(unfit)) from unfit


def _measured(metric: Metric, holdout: Holdout, predictions: Floats, part: Cut) -> MeasuredPart:
    told = MeasuredPart(name=part.name, slice=part.slice, rows=int(part.rows.sum()))
    if told.rows == 0:
        return told
    target, answers = holdout.target[part.rows], predictions[part.rows]
    try:
        value = metric.value(target, answers)
    except MetricUndefined as undefined:
        return told.model_copy(update={"wrong": f"has no value: {undefined}"})
    days = None if holdout.days is None else holdout.days[part.rows]
    return told.model_copy(update={"value": value, "se": log_error(metric, target, answers, value, days)})


@dataclass(frozen=True, eq=False)
class _Both:
    """Two models' predictions of one target."""

    metric: Metric
    target: Floats
    candidate: Floats
    champion: Floats
    days: Integers | None

    def compared(self, part: Cut) -> ComparedPart:
        """Both on the rows of one part."""
        told = ComparedPart(name=part.name, slice=part.slice, rows=int(part.rows.sum()))
        if told.rows == 0:
            return told
        arrays = (each[part.rows] for each in (self.target, self.candidate, self.champion))
        try:
            found = compare(self.metric, *arrays, days=None if self.days is None else self.days[part.rows])
        except MetricUndefined as undefined:
            return told.model_copy(update={"wrong": f"has no value: {undefined}"})
        if not math.isfinite(found.champion):
            return told.model_copy(
                update={"wrong": f"could not be compared: the champion's is {found.champion}"}
            )
        return told.model_copy(update={"compared": found})
