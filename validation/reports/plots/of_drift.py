"""Drift: how the rows of a column are spread, in training and here."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from policies.figures import percent
from validation.reports.plots.canvas import CANDIDATE, SOFT, Plot, plain
from validation.reports.sketch import Moved

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE = (3.6, 2.5)


def plots(moved: Sequence[Moved], key: str) -> Iterator[Plot]:
    """One for each column."""
    for number, each in enumerate(moved, start=1):
        title = f"{plain(each.column)}: PSI {each.psi:.3g}"
        alt = f"{plain(each.column)} on {plain(each.dataset)} against training, {_most(each)}"
        yield Plot(f"{key}-{number}", title, alt, partial(_bars, moved=each), SIZE)


def _bars(axes: "Axes", moved: Moved) -> None:
    places = np.arange(len(moved.bins))
    here, then = _shares(moved)
    axes.bar(places, then, width=0.85, color=SOFT, alpha=0.35, label="training")
    axes.bar(places, here, width=0.45, color=CANDIDATE, alpha=0.9, label="here")
    step = max(1, -(-len(places) // 3))
    names = [plain(name, 14) for name in moved.bins]
    axes.set_xticks(places[::step], names[::step], fontsize=7)
    axes.tick_params(axis="y", labelsize=7)
    axes.yaxis.set_major_formatter(lambda value, _: percent(value))
    axes.grid(visible=False, axis="x")
    axes.legend(fontsize=7)


def _shares(moved: Moved) -> tuple[np.ndarray, np.ndarray]:
    here, then = (np.array(counts) / max(1, sum(counts)) for counts in (moved.here, moved.training))
    return here, then


def _most(moved: Moved) -> str:
    """The bin that changed most."""
    here, then = _shares(moved)
    at = int(np.argmax(np.abs(here - then)))
    return f"most in '{plain(moved.bins[at])}': {percent(here[at])} of rows instead of {percent(then[at])}"
