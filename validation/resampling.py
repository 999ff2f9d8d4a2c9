"""The paired bootstrap: the same rows, or whole days, drawn again and again for both models.

Shown beside the closed form and deciding nothing. Its seed is fixed: the same rows say the same.
"""

import numpy as np

from policies.evidence.comparison import Resampled
from validation.arrays import Floats, Integers, Table
from validation.metric import Metric

RESAMPLES = 1000
BATCH_CELLS = 2_000_000
"""Weights in memory at once."""
MOST_CELLS = 200_000_000
"""Beyond this many weights drawn, the bootstrap takes longer than the models: it is then left out."""
SEED = 20
LEVELS = (0.05, 0.95)


def resampled(
    metric: Metric, target: Floats, both: tuple[Floats, Floats], days: Integers | None
) -> Resampled | None:
    """Percentiles of ln(candidate / champion); None if a resample has no such ratio, or rows are too many."""
    groups = np.arange(len(target)) if days is None else np.unique(days, return_inverse=True)[1]
    logs = resampled_logs(metric, target, both, groups, RESAMPLES)
    if logs is None:
        return None
    low, high = np.quantile(logs, LEVELS)
    return Resampled(low=float(low), high=float(high))


def resampled_logs(
    metric: Metric, target: Floats, both: tuple[Floats, Floats], groups: Integers, resamples: int
) -> Floats | None:
    """ln(candidate / champion) of each resample of whole groups; None as above, or without resamples."""
    rng = np.random.default_rng(SEED)
    count = int(groups.max()) + 1
    if not resamples or count < 2 or count * resamples > MOST_CELLS:  # noqa: PLR2004 one has no spread
        return None
    ours, theirs = (metric.weighed(target, predictions, groups) for predictions in both)
    size = max(1, BATCH_CELLS // len(target))
    batches = [min(size, resamples - done) for done in range(0, resamples, size)]
    ratios = []
    for batch in batches:
        weights = _weights(rng, batch, count)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios.append(np.log(ours(weights) / theirs(weights)))
    logs = np.concatenate(ratios)
    return logs if np.isfinite(logs).all() else None


def resampled_values(
    metric: Metric, target: Floats, predictions: Floats | Table, resamples: int
) -> Floats | None:
    """The figure of each resample of rows; None where one has none, or rows are too many."""
    if len(target) * resamples > MOST_CELLS or not metric.resamples:
        return None
    values = metric.weighed(target, predictions, np.arange(len(target)))
    rng, size = np.random.default_rng(SEED), max(1, BATCH_CELLS // len(target))
    batches = [min(size, resamples - done) for done in range(0, resamples, size)]
    drawn = np.concatenate([values(_weights(rng, batch, len(target))) for batch in batches])
    return drawn if np.isfinite(drawn).all() else None


def _weights(rng: np.random.Generator, resamples: int, count: int) -> Table:
    """How often each group was drawn, of shape (resamples, groups)."""
    drawn = rng.integers(count, size=(resamples, count))
    return np.stack([np.bincount(row, minlength=count) for row in drawn]).astype(np.float64)
