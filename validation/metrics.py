"""What can be measured of predictions: a table of metrics, with per-row losses where a metric is their mean.

Pure. Which way is better, and how a metric is spelt, is for `policies.metrics` to say.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from validation.arrays import Floats


class MetricUndefined(Exception):
    """This data has no value of this metric, whatever the predictions."""


@dataclass(frozen=True)
class Metric:
    """`value(target, predictions)`; where there are per-row `losses`, value = mean(losses) ** power."""

    value: Callable[[Floats, Floats], float]
    losses: Callable[[Floats, Floats], Floats] | None = None
    power: float = 1.0


def _squared(target: Floats, predictions: Floats) -> Floats:
    with np.errstate(over="ignore"):
        return np.square(predictions - target)


def _absolute(target: Floats, predictions: Floats) -> Floats:
    return np.abs(predictions - target)


def _relative(target: Floats, predictions: Floats) -> Floats:
    zeros = int((target == 0).sum())
    if zeros:
        raise MetricUndefined(f"mape divides by the target, which is 0 in {zeros:,} of {len(target):,} rows")
    return np.abs((predictions - target) / target)


def _r2(target: Floats, predictions: Floats) -> float:
    spread = float(np.square(target - target.mean()).sum())
    if spread == 0:
        raise MetricUndefined("r2 compares with the target's spread, and all targets are equal")
    return 1.0 - float(_squared(target, predictions).sum()) / spread


def _max_error(target: Floats, predictions: Floats) -> float:
    return float(_absolute(target, predictions).max())


def _accuracy(target: Floats, predictions: Floats) -> float:
    return float((target == predictions).mean())


def _mean_of(losses: Callable[[Floats, Floats], Floats], power: float = 1.0) -> Metric:
    return Metric(
        lambda target, predictions: float(losses(target, predictions).mean() ** power), losses, power
    )


METRICS: Mapping[str, Metric] = {
    "rmse": _mean_of(_squared, power=0.5),
    "mse": _mean_of(_squared),
    "mae": _mean_of(_absolute),
    "mape": _mean_of(_relative),
    "r2": Metric(_r2),
    "max_error": Metric(_max_error),
    "accuracy": Metric(_accuracy),
}
"""By name. Each takes float64 arrays of the same length, at least one row, all finite."""
