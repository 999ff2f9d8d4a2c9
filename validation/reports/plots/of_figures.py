"""Models that predict figures: predicted against actual, and how far off they are."""

import math
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from policies.figures import numbers, percent
from validation.reports.plots.canvas import CANDIDATE, CHAMPION, INK, SOFT, Plot, plain
from validation.reports.sketch import Bars, Grid, OfFigures, Seen

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WHO = {"candidate": CANDIDATE, "champion": CHAMPION}


def plots(dataset: str, seen: Seen, key: str) -> Iterator[Plot]:
    """Of each model a grid, and the errors of both in one plot; `key` begins the names."""
    found = {who: getattr(seen, who) for who in WHO}
    shown = {who: each for who, each in found.items() if isinstance(each, OfFigures)}
    for who, each in shown.items():
        title = f"Predicted against actual {plain(seen.target)}, {who}"
        yield Plot(
            name=f"{key}-predicted-{who}",
            title=title,
            alt=f"{title} on {plain(dataset)}: {_agreement(each.grid)}",
            paint=partial(_grid, grid=each.grid, target=seen.target, colour=WHO[who]),
            note=_outside(each.grid.outside),
        )
    if shown:
        yield _errors(dataset, seen, {who: each.errors for who, each in shown.items()}, key)


def _grid(axes: "Axes", grid: Grid, target: str, colour: str) -> None:
    """Darker where more rows are, by the logarithm of their number: one row must be seen beside thousands."""
    from matplotlib.colors import to_rgb

    counts = np.array(grid.counts, dtype=float)
    image = np.empty((*counts.shape, 4))
    image[..., :3] = to_rgb(colour)
    image[..., 3] = np.where(counts > 0, 0.12 + 0.88 * np.log1p(counts) / np.log1p(max(counts.max(), 1)), 0)
    ends = (grid.low, grid.high)
    axes.imshow(image, origin="lower", extent=(*ends, *ends), aspect="auto", interpolation="none")
    axes.plot(ends, ends, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.set_xlabel(f"actual {plain(target)}")
    axes.set_ylabel("predicted")


def _errors(dataset: str, seen: Seen, errors: dict[str, Bars], key: str) -> Plot:
    def paint(axes: "Axes") -> None:
        for who, each in errors.items():
            edges = np.linspace(each.low, each.high, len(each.counts) + 1)
            share = np.array(each.counts) / max(1, seen.rows)
            axes.stairs(share, edges, color=WHO[who], fill=who == "candidate", alpha=0.35, linewidth=0)
            axes.stairs(share, edges, color=WHO[who], linewidth=1.4, label=who)
        axes.axvline(0, color=SOFT, linewidth=0.8, linestyle=(0, (4, 3)))
        axes.yaxis.set_major_formatter(lambda value, _: percent(value))
        axes.set_xlabel(f"predicted less actual {plain(seen.target)}")
        axes.set_ylabel("share of rows")
        axes.legend()

    told = "; ".join(f"{who}: {_middle(each)}" for who, each in errors.items())
    beyond = sum(each.below + each.above for each in errors.values())
    title = "Errors of candidate and champion" if len(errors) > 1 else "Errors of the candidate"
    alt = f"{title} on {plain(dataset)}: {told}"
    return Plot(f"{key}-errors", title, alt, paint, note=_outside(beyond))


def _middle(bars: Bars) -> str:
    """Where the middle 90 % of what is shown lies."""
    shares = np.cumsum(bars.counts) / max(1, sum(bars.counts))
    edges = np.linspace(bars.low, bars.high, len(bars.counts) + 1)
    low, high = edges[int(np.searchsorted(shares, 0.05))], edges[int(np.searchsorted(shares, 0.95)) + 1]
    if not math.isfinite(high - low):
        return "errors beyond all figures"
    told = numbers(float(low), float(high))
    return f"nine of ten errors lie between {told[0]} and {told[1]}"


def _agreement(grid: Grid) -> str:
    counts = np.array(grid.counts)
    near = sum(int(np.trace(counts, offset)) for offset in range(-2, 3))
    return (
        f"{percent(near / max(1, counts.sum()))} of the rows shown lie close to the line where both are equal"
    )


def _outside(rows: int) -> str:
    return f"{rows:,} rows lie outside what is shown" if rows else ""
