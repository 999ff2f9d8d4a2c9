"""Looks for the slices on which a model does worst: found on one half of the rows, measured on the other.

Every value or bin of every column, and every pair of them, is scored at once by the mean influence of its
rows: how much worse they make the metric. As in Slice Finder (Chung 2019), a split keeps the tests honest.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import pandas as pd

from policies.evidence.worst_slices import FoundSlice, WorstSlices, WorstSlicesNeed
from policies.metrics import Better, direction
from validation.arrays import Floats, Integers, Table
from validation.comparison import degrees_of_freedom
from validation.holdout import Holdout
from validation.measuring.columns import present
from validation.measuring.scores import Scores, Unmeasured, metric_called
from validation.metric import Metric, MetricUndefined
from validation.slicing import Mask

MOST_VALUES = 25
"""A column of more different values is cut into bins, if it holds numbers, and else is left out."""
BINS = 5
MOST_COLUMNS = 20
CONFIRMED = 20
"""Slices that are measured on the other half."""
SEED = 5

Parts = tuple[Integers, list[str]]
"""For each row its part of a column, -1 for none, and what the parts are called."""


def worst_slices(need: WorstSlicesNeed, scores: Scores) -> WorstSlices:
    """The worst, worst first by what the first half said of them."""
    holdout = scores.holdout(need.dataset)
    metric, predictions = metric_called(need.metric, holdout), scores.predictions(need.dataset)
    found, kept = _halves(holdout)
    columns = _columns(need, holdout)
    value = metric.value(holdout.target[found], predictions[found])
    if not 0 < value < math.inf:
        raise Unmeasured(f"{need.metric} is {value:g} on one half of the rows: no slice is a share of that")
    moved = metric.influence(holdout.target[found], predictions[found])
    if moved is None:
        raise Unmeasured(f"slices cannot be looked for by {need.metric}: no row's share in it is known")
    worse = moved if direction(need.metric) is Better.SMALLER else -moved
    tried = list(_scored(columns, worse, found, least=need.min_rows))
    measured = (
        _measured(metric, holdout.target, predictions, each.name, _rows(columns, each) & kept, kept)
        for each in sorted(tried)[:CONFIRMED]
    )
    large = [each for each in measured if each is not None and each.rows >= need.min_rows / 2]
    return WorstSlices(rows=holdout.rows, tried=len(tried), slices=tuple(large))


def _halves(holdout: Holdout) -> tuple[Mask, Mask]:
    """Two halves drawn alike every time; rows of one day stay together."""
    units = np.arange(holdout.rows) if holdout.days is None else holdout.days
    count = int(units.max()) + 1
    first = np.zeros(count, dtype=np.bool_)
    first[np.random.default_rng(SEED).permutation(count)[: count // 2]] = True
    found = first[units]
    if found.all() or not found.any():
        raise Unmeasured("slices cannot be looked for in a single row or day")
    return found, ~found


def _columns(need: WorstSlicesNeed, holdout: Holdout) -> dict[str, Parts]:
    """Those named, which must lend themselves; else all that do, as many as there may be."""
    names = need.columns or tuple(map(str, holdout.inputs.columns))
    cut = {name: _parts(name, present(name, holdout.inputs)) for name in names}
    unfit = [name for name, parts in cut.items() if parts is None]
    if need.columns and unfit:
        what = f"more than {MOST_VALUES} different values and no numbers"
        raise Unmeasured(f"slices cannot be made of '{unfit[0]}', which has {what}")
    usable = {name: parts for name, parts in cut.items() if parts is not None and len(parts[1]) > 1}
    if not usable:
        raise Unmeasured("no column lends itself to slices: name some that have few values, or numbers")
    return dict(list(usable.items())[:MOST_COLUMNS])


def _parts(name: str, column: pd.Series) -> Parts | None:
    """By value where there are few, numbers by their quintiles, all else not at all."""
    codes, found = pd.factorize(column, sort=False, use_na_sentinel=True)
    if len(found) <= MOST_VALUES:
        missing = [f"{name} missing"] if (codes < 0).any() else []
        named = [f"{name} {_called(value)}" for value in found]
        return np.where(codes < 0, len(found), codes).astype(np.int64), named + missing
    if not pd.api.types.is_numeric_dtype(column):
        return None
    values = column.to_numpy(dtype=np.float64, na_value=math.nan)
    edges = np.unique(np.nanquantile(values[np.isfinite(values)], np.arange(1, BINS) / BINS))
    ends = [*(f"{edge:.4g}" for edge in edges), ""]
    named = [
        f"{name} below {ends[0]}",
        *(f"{name} {low} to {high}" for low, high in pairwise(ends[:-1])),
        f"{name} from {ends[-2]}",
        f"{name} missing",
    ]
    place = np.searchsorted(edges, values, side="right")
    return np.where(np.isnan(values), len(edges) + 1, place).astype(np.int64), named


def _called(value: object) -> str:
    return f"{float(value):g}" if isinstance(value, (int, float, np.number)) else str(value)[:40]


@dataclass(frozen=True, order=True)
class _Suspect:
    """A slice by how much better than the whole it is, in standard errors: the worst come first."""

    standing: float
    name: str
    of: tuple[str, ...]
    part: int


def _scored(columns: dict[str, Parts], worse: Floats, found: Mask, *, least: int) -> Iterator[_Suspect]:
    """Every slice that is large enough, over each column and each pair."""
    for of in (*((name,) for name in columns), *combinations(columns, 2)):
        codes, names = _crossed(columns, of)
        places, count = codes[found], len(names)
        rows = np.bincount(places, minlength=count)
        total, squares = (np.bincount(places, weights=w, minlength=count) for w in (worse, worse**2))
        for part in np.flatnonzero((rows >= max(2, least / 2)) & (rows < len(places))).tolist():
            mean = total[part] / rows[part]
            spread = math.sqrt(max(0.0, squares[part] / rows[part] - mean**2) / rows[part])
            standing = -mean / spread if spread else math.copysign(math.inf, -mean)
            yield _Suspect(standing, names[part], of, part)


def _crossed(columns: dict[str, Parts], of: tuple[str, ...]) -> Parts:
    """The parts of one column, or of a pair."""
    codes, names = columns[of[0]]
    if len(of) == 1:
        return codes, names
    others, called = columns[of[1]]
    return codes * len(called) + others, [f"{one} & {other}" for one in names for other in called]


def _rows(columns: dict[str, Parts], suspect: _Suspect) -> Mask:
    return np.asarray(_crossed(columns, suspect.of)[0] == suspect.part)


def _measured(
    metric: Metric, target: Floats, predictions: Floats | Table, name: str, rows: Mask, kept: Mask
) -> FoundSlice | None:
    """The metric of the slice and of all other rows of this half; None where one of them has none above 0."""
    rest = kept & ~rows
    if min(rows.sum(), rest.sum()) < 2:  # noqa: PLR2004 a spread needs two
        return None
    try:
        here, there = (metric.value(target[part], predictions[part]) for part in (rows, rest))
        if not all(math.isfinite(value) and value > 0 for value in (here, there)):
            return None
        moved = [metric.influence(target[part], predictions[part]) for part in (rows, rest)]
    except MetricUndefined:
        return None
    known = [each for each in moved if each is not None]
    variances = [metric.power**2 * float(np.var(each, ddof=1)) / len(each) for each in known]
    return FoundSlice(
        name=name,
        rows=int(rows.sum()),
        value=here,
        rest=there,
        log_ratio=math.log(here / there),
        se=math.sqrt(sum(variances)),
        dof=min(degrees_of_freedom(each) for each in known),
    )
