"""What can be measured of predictions: the table of metrics. Pure.

Which way is better, and how a metric is spelt, is for `policies.metrics` to say.
"""

from collections.abc import Mapping

import numpy as np

from validation import labels, losses
from validation.arrays import Floats
from validation.auc import Auc
from validation.metric import Metric
from validation.ratios import Ratio, mean_of


class MaxError(Metric):
    """The largest error: a single row, so nothing is known of its spread."""

    def value(self, target: Floats, predictions: Floats) -> float:
        """In the target's unit."""
        return float(np.abs(predictions - target).max())


METRICS: Mapping[str, Metric] = {
    "rmse": mean_of(losses.squared, power=0.5),
    "mse": mean_of(losses.squared),
    "mae": mean_of(losses.absolute),
    "mape": mean_of(losses.relative),
    "r2": Ratio(losses.against_the_mean, less_than_one=True),
    "max_error": MaxError(),
    "accuracy": Ratio(labels.hits, counts=True),
    "balanced_accuracy": Ratio(labels.hits_by_class, counts=True),
    "precision": Ratio(labels.precision, counts=True),
    "recall": Ratio(labels.recall, counts=True),
    "f1": Ratio(labels.f1, counts=True),
    "macro_f1": Ratio(labels.f1_by_class, counts=True),
    "auc": Auc(),
    "log_loss": mean_of(losses.log_loss),
    "brier": mean_of(losses.brier),
}
"""By name. Each takes float64 arrays of the same length, at least one row, all finite."""
