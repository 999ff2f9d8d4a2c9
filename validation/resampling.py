"""The paired bootstrap: the same rows, or whole days, drawn again and again for both models.

Shown beside the closed form and deciding nothing. Its seed is fixed: the same rows say the same. Of many
rows, groups that chance has made are drawn instead: a sum's variance and skewness are those of its parts',
however they are taken together, so the figures are the same but for two or three percent of their width.
"""

from functools import partial

import numpy as np

from policies.evidence.comparison import Resampled
from validation.arrays import Floats, Integers, Table, summed
from validation.metric import Metric, Weighed

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
    metric: Metric,
    target: Floats,
    both: tuple[Floats, Floats],
    days: Integers | None,
    places: Integers | None = None,
) -> Resampled | None:
    """Percentiles of ln(candidate / champion); None if a resample has no such ratio, or rows are too many.

    `places` are those of the rows among all that were read, if these are not from 0 on.
    """
    return _quantiles(resampled_logs(metric, target, both, days, RESAMPLES, places))


def resampled_sums(power: float, sums: Table, *, of_days: bool) -> Resampled | None:
    """The same of a mean to its power, from sums over the units that are drawn, rows dealt already, or days.

    `sums` has the shape (units, 3): how many rows each unit has, and the sums of both models' losses.
    """
    rng = np.random.default_rng(SEED)
    if of_days and len(sums) > MOST_GROUPS:
        groups = rng.permutation(len(sums)) % MOST_GROUPS
        sums = np.stack([summed(each, groups, MOST_GROUPS) for each in sums.T], axis=1)
    rows, *both = sums.T
    ours, theirs = (partial(_mean, power, losses, rows) for losses in both)
    if len(rows) < 2:  # noqa: PLR2004 one has no spread
        return None
    return _quantiles(_drawn(rng, (ours, theirs), len(rows), RESAMPLES, BATCH_CELLS // len(rows)))


def _mean(power: float, losses: Floats, rows: Floats, weights: Table) -> Floats:
    return np.asarray(((weights @ losses) / (weights @ rows)) ** power)


def _quantiles(logs: Floats | None) -> Resampled | None:
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
    places: Integers | None = None,
) -> Floats | None:
    """ln(candidate / champion) of each resample of rows or days; None as above, or without resamples."""
    if not resamples or (metric.ordered and len(target) * resamples > MOST_CELLS):
        return None
    rng = np.random.default_rng(SEED)
    groups = _groups(rng, len(target), days, places)
    count = int(groups.max()) + 1
    if count < 2:  # noqa: PLR2004 one has no spread
        return None
    ours, theirs = (metric.weighed(target, predictions, groups) for predictions in both)
    size = BATCH_CELLS // (len(target) if metric.ordered else count)
    return _drawn(rng, (ours, theirs), count, resamples, size)


def _drawn(
    rng: np.random.Generator, both: tuple[Weighed, Weighed], count: int, resamples: int, size: int
) -> Floats | None:
    """So many resamples of so many groups, `size` at a time."""
    (ours, theirs), size, ratios = both, max(1, size), []
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


def _groups(rng: np.random.Generator, rows: int, days: Integers | None, places: Integers | None) -> Integers:
    """What is drawn together: each row, or each day; of many, the group that it was dealt to."""
    if days is None:
        return (
            np.arange(rows) if rows <= MOST_GROUPS else dealt(np.arange(rows) if places is None else places)
        )
    each = np.unique(days, return_inverse=True)[1]
    count = int(each.max()) + 1
    return each if count <= MOST_GROUPS else (rng.permutation(count) % MOST_GROUPS)[each]


def dealt(places: Integers) -> Integers:
    """The group of each row, by its place alone: no matter how many there are, or who asks in which order.

    SplitMix64's last steps (Steele, Lea and Flood 2014), which mix the bits of a counter.
    """
    mixed = places.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(SEED)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray((mixed ^ (mixed >> np.uint64(31))) % np.uint64(MOST_GROUPS)).astype(np.int64)


def _weights(rng: np.random.Generator, resamples: int, count: int) -> Table:
    """How often each group was drawn, of shape (resamples, groups)."""
    drawn = rng.integers(count, size=(resamples, count))
    drawn += count * np.arange(resamples)[:, None]
    counted = np.bincount(drawn.ravel(), minlength=resamples * count)
    return counted.reshape(resamples, count).astype(np.float64)
