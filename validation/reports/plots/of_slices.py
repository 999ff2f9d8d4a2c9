"""Slices with their intervals, one below the other: a forest plot."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from policies.figures import percent
from validation.reports.plots.canvas import CANDIDATE, CHAMPION, SOFT, WIDTH, Plot, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 40
"""Lines that a reader follows; the table beside has all."""


@dataclass(frozen=True)
class Branch:
    """One slice: a figure, where it may lie (None: nobody knows), and the champion's if there is one."""

    name: str
    value: float
    ends: tuple[float, float] | None = None
    beside: float | None = None


def forest(name: str, title: str, branches: Sequence[Branch], *, unit: str, zero: bool = False) -> Plot:
    """At least one branch. `zero` draws the line of no change, and tells figures as percent."""
    shown = branches[:MOST]

    def paint(axes: "Axes") -> None:
        for at, branch in enumerate(shown):
            low, high = _drawn(branch)
            axes.plot((low, high), (at, at), color=CANDIDATE, linewidth=1.6, solid_capstyle="butt")
            axes.plot(branch.value, at, "s", color=CANDIDATE, markersize=4.5)
            if branch.beside is not None:
                axes.plot(branch.beside, at, "d", markersize=5, color=CHAMPION, markerfacecolor="none")
        if zero:
            axes.axvline(0, color=SOFT, linewidth=0.9, linestyle=(0, (4, 3)))
            axes.xaxis.set_major_formatter(_change)
        axes.set_yticks(range(len(shown)), [plain(branch.name, 26) for branch in shown])
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.grid(visible=False, axis="y")
        axes.set_xlabel(unit)

    left_out = len(branches) - len(shown)
    note = f"{left_out} more are in the table" if left_out else ""
    alt = f"{title}: {len(branches)} slices, of which the table below tells all figures"
    return Plot(name, title, alt, paint, (WIDTH, 0.9 + 0.24 * len(shown)), note)


def _drawn(branch: Branch) -> tuple[float, float]:
    """The interval's ends as far as they are figures: an endless one is drawn as a point."""
    low, high = branch.ends or (branch.value, branch.value)
    return (low, high) if math.isfinite(low) and math.isfinite(high) else (branch.value, branch.value)


def _change(value: float, _: object) -> str:
    return "0%" if value == 0 else f"{'+' if value > 0 else '-'}{percent(value)}"
