"""One metric of the candidate."""

from policies.evidence.measurement import Measurement, MetricNeed
from validation.measuring.scores import Scores, finite, metric_called


def measurement(need: MetricNeed, scores: Scores) -> Measurement:
    """The metric over all rows."""
    holdout = scores.holdout(need.dataset)
    metric = metric_called(need.metric, holdout)
    value = metric.value(holdout.target, scores.predictions(need.dataset))
    return Measurement(value=finite(need.metric, value), rows=holdout.rows)
