"""What can be measured of predictions: the table of metrics. Pure.

Which way is better, and how a metric is spelt, is for `policies.metrics` to say.
"""

from collections.abc import Mapping

from policies.metrics import of_class, own
from policies.scorers import PREFIX
from validation import labels, losses
from validation.arrays import Floats, Table
from validation.auc import Auc
from validation.by_class import Weighted, macro, of_one
from validation.foreign_metrics import Own, scorer
from validation.metric import Metric
from validation.ranking import AveragePrecision, OneVersusRest
from validation.ratios import Ratio, mean_of
from validation.targets import Classes


class MaxError(Metric):
    """The largest error: a single row, so nothing is known of its spread."""

    losses = staticmethod(losses.absolute)
    largest = True

    def value(self, target: Floats, predictions: Floats | Table) -> float:
        """In the target's unit."""
        return float(losses.absolute(target, predictions).max())


_RANKED: Mapping[str, Metric] = {"auc": Auc(), "average_precision": AveragePrecision()}
METRICS: Mapping[str, Metric] = {
    "rmse": mean_of(losses.squared, power=0.5),
    "mse": mean_of(losses.squared),
    "mae": mean_of(losses.absolute),
    "mape": mean_of(losses.relative),
    "r2": Ratio(losses.against_the_mean, less_than_one=True),
    "max_error": MaxError(),
    "accuracy": Ratio(labels.hits, counts=True),
    "balanced_accuracy": Ratio(labels.hits_by_class, counts=True),
    "precision": of_one("precision", labels.precision_of),
    "recall": of_one("recall", labels.recall_of),
    "f1": of_one("f1", labels.f1_of),
    "macro_precision": macro(labels.precision_of),
    "macro_recall": macro(labels.recall_of),
    "macro_f1": macro(labels.f1_of),
    "weighted_precision": Weighted(labels.precision_of),
    "weighted_recall": Weighted(labels.recall_of),
    "weighted_f1": Weighted(labels.f1_of),
    **{name: OneVersusRest(metric, name) for name, metric in _RANKED.items()},
    "log_loss": mean_of(losses.log_loss),
    "brier": mean_of(losses.brier),
}
"""By name. Each takes a float64 target of shape (rows,) and as many predictions, at least one, all finite."""
_OF_FIGURES = ("rmse", "mse", "mae", "mape", "r2", "max_error")
_SHARES = {"precision": labels.precision_of, "recall": labels.recall_of, "f1": labels.f1_of}


class MetricUnknown(Exception):
    """Nothing here measures a metric of this name; the sentence says what does."""


def metric_of(name: str, classes: Classes | None) -> Metric:
    """How a metric is measured, of a target of these classes. Raises MetricUnknown."""
    if classes is not None and name in _OF_FIGURES:
        raise MetricUnknown(f"{name} is of figures, and the target is of the classes {_named(classes)}")
    if name in METRICS:
        return METRICS[name]
    if name.startswith(PREFIX):
        return scorer(name)
    if (parts := of_class(name)) is not None:
        return _of_class(name, *parts, classes)
    if (found := own().metrics.get(name)) is not None:
        return Own(name, metric=found)
    raise MetricUnknown(f"cannot measure {name}; measured are {', '.join([*METRICS, *own().metrics])}")


def _of_class(name: str, metric: str, label: str, classes: Classes | None) -> Metric:
    """A metric of one class by its name; where the data set names none, classes are numbers."""
    place = classes.place(label) if classes else int(label) if label.isdecimal() else None
    if place is None:
        known = _named(classes) if classes else "whole numbers"
        raise MetricUnknown(f"cannot measure {name}: the data set's classes are {known}")
    if metric in _SHARES:
        return of_one(name, _SHARES[metric], place)
    return OneVersusRest(_RANKED[metric], name, place)


def _named(classes: Classes) -> str:
    return ", ".join(classes.names[:20]) + (" and others" if len(classes.names) > 20 else "")  # noqa: PLR2004 a line
