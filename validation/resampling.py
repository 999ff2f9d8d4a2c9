"""The paired bootstrap: the same rows, or whole days, drawn again and again for both models.

Shown beside the closed form and deciding nothing. Its seed is fixed: the same rows say the same. Of many
rows, groups that chance has made are drawn instead: a sum's variance and skewness are those of its parts',
however they are taken together, so the figures are the same but for two or three percent of their width.
"""

import numpy as np

from policies.evidence.comparison import Resampled
from validation.arrays import Floats, Integers, Table
from validation.metric import Metric

RESAMPLES = 2000
MOST_GROUPS = 1000
"""More rows, or days, than these are dealt into so many groups."""
BATCH_CELLS = 2_000_000
"""Weights in memory at once."""
MOST_CELLS = 200_000_000
"""Where every row has its own weight: with more it takes longer than the models, and is left out."""
SEED = 20
LEVELS = (0.05, 0.95)


def resampled(
    metric: Metric, target: Floats, both: tuple[Floats, Floats], days: Integers | None
) -> Resampled | None:
    """Percentiles of ln(candidate / champion); None if a resample has no such ratio, or rows are too many."""
    logs = resampled_logs(metric, target, both, days, RESAMPLES)
    if logs is None:
        return None
    low, high = np.quantile(logs, LEVELS)
    return Resampled(low=float(low), high=float(high))


def resampled_logs(
    metric: Metric,
    target: Floats,
    both: tuple[Floats, Floats],
    days: Integers | None,
    resamples: int,
) -> Floats | None:
    """ln(candidate / champion) of each resample of rows or days; None as above, or without resamples."""
    if not resamples or (metric.ordered and len(target) * resamples > MOST_CELLS):
        return None
    rng = np.random.default_rng(SEED)
    groups = _groups(rng, len(target), days)
    count = int(groups.max()) + 1
    if count < 2:  # noqa: PLR2004 one has no spread
        return None
    ours, theirs = (metric.weighed(target, predictions, groups) for predictions in both)
    size = max(1, BATCH_CELLS // (len(target) if metric.ordered else count))
    ratios = []
    for done in range(0, resamples, size):
        weights = _weights(rng, min(size, resamples - done), count)
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


def _groups(rng: np.random.Generator, rows: int, days: Integers | None) -> Integers:
    """What is drawn together: each row, or each day; of many, the group that it was dealt to."""
    each = np.arange(rows) if days is None else np.unique(days, return_inverse=True)[1]
    count = int(each.max()) + 1
    return each if count <= MOST_GROUPS else (rng.permutation(count) % MOST_GROUPS)[each]


def _weights(rng: np.random.Generator, resamples: int, count: int) -> Table:
    """How often each group was drawn, of shape (resamples, groups)."""
    drawn = rng.integers(count, size=(resamples, count))
    drawn += count * np.arange(resamples)[:, None]
    counted = np.bincount(drawn.ravel(), minlength=resamples * count)
    return counted.reshape(resamples, count).astype(np.float64)
