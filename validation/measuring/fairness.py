"""One figure for each value of a column, with its standard error; rows without a value are a group, too."""

import math

import numpy as np

from policies.evidence.fairness import Group, Groups, GroupsNeed
from policies.metrics import POSITIVE_RATE
from policies.slices import ByValue
from validation.arrays import Floats, Table
from validation.holdout import Holdout
from validation.labels import labelled
from validation.measuring.scores import Scores, Unmeasured, metric_called
from validation.metric import Metric, MetricUndefined
from validation.ratios import Ratio
from validation.resampling import resampled_values
from validation.slicing import Cut, SlicesUnfit, cut

RESAMPLES = 400
"""For figures whose influences are not known."""


def groups(need: GroupsNeed, scores: Scores) -> Groups:
    """Every group; one that has no figure says why."""
    holdout, predictions = scores.holdout(need.dataset), scores.predictions(need.dataset)
    metric = _figure(need.metric, holdout)
    try:
        parts = cut(holdout, {need.column: ByValue(by=need.column)})
    except SlicesUnfit as unfit:
        raise Unmeasured(str(unfit)) from unfit
    return Groups(
        rows=holdout.rows, groups=tuple(_group(metric, holdout.target, predictions, each) for each in parts)
    )


def _group(metric: Metric, target: Floats, predictions: Floats | Table, part: Cut) -> Group:
    told = Group(name=part.name, rows=int(part.rows.sum()))
    if told.rows < 2:  # noqa: PLR2004 a spread needs two
        return told.model_copy(update={"wrong": "has a single row"})
    of_group = target[part.rows], predictions[part.rows]
    try:
        value = metric.value(*of_group)
        return told.model_copy(update={"value": value, "se": _error(metric, value, *of_group)})
    except MetricUndefined as undefined:
        return told.model_copy(update={"wrong": f"has no value: {undefined}"})


def _error(metric: Metric, value: float, target: Floats, predictions: Floats | Table) -> float | None:
    """The delta method's standard error of the figure; never nought of counts, however alike they were."""
    rows = len(target)
    influence = metric.influence(target, predictions) if value > 0 else None
    if influence is not None:
        error = value * metric.power * float(np.std(influence, ddof=1)) / math.sqrt(rows)
    elif metric.counts:
        error = 0.0
    else:
        drawn = resampled_values(metric, target, predictions, RESAMPLES)
        if drawn is None:
            return None
        error = float(drawn.std(ddof=1))
    return max(error, _least(value, rows)) if metric.counts else error


def _least(value: float, rows: int) -> float:
    """Of a share: two more rows of either kind could still come (Agresti and Coull 1998)."""
    share = (min(1.0, max(0.0, value)) * rows + 2) / (rows + 4)
    return math.sqrt(share * (1 - share) / rows) if value in {0.0, 1.0} else 0.0


def _figure(name: str, holdout: Holdout) -> Metric:
    if not name.startswith(POSITIVE_RATE):
        return metric_called(name, holdout)
    label = name.removeprefix(POSITIVE_RATE).removeprefix(" of ")
    classes = holdout.classes
    if not label and classes is not None and len(classes.names) > 2:  # noqa: PLR2004 of two, the last is meant
        raise Unmeasured(f"{name} may be of {' or '.join(classes.names[:5])}: write {name} of CLASS")
    place = 1 if not label else classes.place(label) if classes else int(label) if label.isdecimal() else None
    if place is None:
        raise Unmeasured(f"{name}: the data set has no such class")

    def called(target: Floats, predictions: Floats | Table) -> tuple[Table, Table]:
        if not np.isin(target, np.arange(1000)).all():
            raise MetricUndefined(f"{name} is of classes, and the target is of figures")
        each = (labelled(target, predictions) == place).astype(np.float64)[None, :]
        return each, np.ones_like(each)

    return Ratio(called, counts=True)
