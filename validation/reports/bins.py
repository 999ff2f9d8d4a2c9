"""Counts by bins: histograms of one and of two figures. Pure.

What is shown goes from the 0.5th to the 99.5th percentile: one wild row must not press all
others into one bin.
"""

import numpy as np

from validation.arrays import Floats
from validation.columns import block, blocks, give_back
from validation.reports.sketch import Bars, Grid

GRID_BINS = 40
BARS = 48
_LOOKED_AT = 20_000
"""Rows that the range is taken from: it is only where one looks."""
_TAIL = 0.5
_FARTHEST = 1e300


def grid(actual: Floats, predicted: Floats, low: float, high: float) -> Grid:
    """Predicted against actual values."""
    flat = np.zeros(GRID_BINS**2, dtype=np.int64)
    for some in blocks(len(actual)):
        across, up = (_places(block(values, some), low, high, GRID_BINS) for values in (actual, predicted))
        inside = (across >= 0) & (up >= 0)
        flat += np.bincount(up[inside] * GRID_BINS + across[inside], minlength=GRID_BINS**2)
    rows = tuple(tuple(map(int, row)) for row in flat.reshape(GRID_BINS, GRID_BINS))
    return Grid(low=low, high=high, counts=rows, outside=len(actual) - int(flat.sum()))


def bars(actual: Floats, predicted: Floats, low: float, high: float) -> Bars:
    """How far predictions are from actual values."""
    counts, below, above = np.zeros(BARS, dtype=np.int64), 0, 0
    for some in blocks(len(actual)):
        values = apart(block(actual, some), block(predicted, some))
        places = _places(values, low, high, BARS)
        counts += np.bincount(places[places >= 0], minlength=BARS)
        below, above = below + int((values < low).sum()), above + int((values > high).sum())
    return Bars(low=low, high=high, counts=tuple(map(int, counts)), below=below, above=above)


def apart(actual: Floats, predicted: Floats) -> Floats:
    """Predicted less actual; finite figures can be so far apart that this is not, and is cut off."""
    with np.errstate(over="ignore"):
        return np.clip(predicted - actual, -_FARTHEST, _FARTHEST)


def looked_at(figures: Floats) -> Floats:
    """Some of the rows, evenly."""
    some = np.array(figures[:: max(1, len(figures) // _LOOKED_AT)])
    give_back(figures)
    return some


def view(*figures: Floats) -> tuple[float, float]:
    """A range that shows nearly all of these (`looked_at` are enough); wider than a point."""
    ends = [np.percentile(each, (_TAIL, 100 - _TAIL)) for each in figures]
    low, high = float(min(end[0] for end in ends)), float(max(end[1] for end in ends))
    if not np.isfinite(high - low):
        low, high = max(low, -1e300), min(high, 1e300)
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        pad = abs(low) / 2 or 0.5
        return low - pad, high + pad
    return low, high


def _places(values: Floats, low: float, high: float, bins: int) -> np.ndarray:
    """The bin of each value, the last one closed; -1 outside."""
    with np.errstate(over="ignore", invalid="ignore"):
        share = (values - low) / (high - low)
    inside = (values >= low) & (values <= high)
    return np.where(inside, np.minimum(np.where(inside, share, 0.0) * bins, bins - 1).astype(np.int64), -1)
