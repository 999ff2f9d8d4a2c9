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
    rng = np.random.default_rng(SEED)
    groups = np.arange(len(target)) if days is None else np.unique(days, return_inverse=True)[1]
    count = int(groups.max()) + 1
    if count * RESAMPLES > MOST_CELLS:
        return None
    ours, theirs = (metric.weighed(target, predictions, groups) for predictions in both)
    size = max(1, BATCH_CELLS // len(target))
    batches = [min(size, RESAMPLES - done) for done in range(0, RESAMPLES, size)]
    ratios = []
    for batch in batches:
        weights = _weights(rng, batch, count)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios.append(np.log(ours(weights) / theirs(weights)))
    logs = np.concatenate(ratios)
    if not np.isfinite(logs).all():
        return None
    low, high = np.quantile(logs, LEVELS)
    return Resampled(low=float(low), high=float(high))


def _weights(rng: np.random.Generator, resamples: int, count: int) -> Table:
    """How often each group was drawn, of shape (resamples, groups)."""
    drawn = rng.integers(count, size=(resamples, count))
    return np.stack([np.bincount(row, minlength=count) for row in drawn]).astype(np.float64)
