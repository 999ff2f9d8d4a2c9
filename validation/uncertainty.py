"""How far one model's figure may lie from the truth: the delta method over per-row influences. Pure."""

import math

import numpy as np

from validation.arrays import Floats, Integers, summed
from validation.metric import Metric


def log_error(
    metric: Metric, target: Floats, predictions: Floats, value: float, days: Integers | None = None
) -> float | None:
    """The standard error of ln(value), over sums of whole days if there are any; None where it has none."""
    if not (math.isfinite(value) and value > 0):
        return None
    influence = metric.influence(target, predictions)
    if influence is None:
        return None
    rows = len(target)
    groups = np.arange(rows) if days is None else np.unique(days, return_inverse=True)[1]
    count = int(groups.max()) + 1
    return error_of(metric.power, rows, count, float((summed(influence, groups, count) ** 2).sum()))


def error_of(power: float, rows: int, groups: int, squares: float) -> float | None:
    """Of the influences' sums over groups, their squares added up."""
    if groups < 2:  # noqa: PLR2004 a spread needs two
        return None
    error = power * math.sqrt(squares * groups / (groups - 1)) / rows
    return error if math.isfinite(error) else None
