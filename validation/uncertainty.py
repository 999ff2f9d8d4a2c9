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
    if count < 2:  # noqa: PLR2004 a spread needs two
        return None
    totals = summed(influence, groups, count)
    error = metric.power * math.sqrt(float((totals**2).sum()) * count / (count - 1)) / rows
    return error if math.isfinite(error) else None
