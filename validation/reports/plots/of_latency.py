"""Latency: from the fastest call to the slowest, with the percentiles between."""

from typing import TYPE_CHECKING

from policies.evidence.latency import PERCENTILES, Latency
from validation.reports.plots.canvas import CANDIDATE, WIDTH, Plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot(key: str, name: str, found: Latency) -> Plot:
    """In milliseconds, on a logarithmic scale where the slowest is far off."""
    times = {share: 1000 * getattr(found, share) for share in PERCENTILES}
    ends = (1000 * found.fastest, 1000 * found.slowest)

    def paint(axes: "Axes") -> None:
        axes.plot(ends, (0, 0), color=CANDIDATE, linewidth=1.2)
        axes.plot(ends, (0, 0), "|", color=CANDIDATE, markersize=9)
        for at, (share, time) in enumerate(times.items()):
            axes.plot(time, 0, "o", color=CANDIDATE, markersize=5)
            offset = (0, 9 + 12 * (at % 2)) if at < 2 else (0, -17)  # noqa: PLR2004 they may lie close
            axes.annotate(share, (time, 0), offset, textcoords="offset points", ha="center", fontsize=8)
        if ends[0] > 0 and ends[1] > 20 * ends[0]:
            axes.set_xscale("log")
        axes.set_yticks([])
        axes.set_ylim(-1, 1)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("milliseconds a call")

    what = key.replace(" of 1 rows ", " of 1 row ")
    told = ", ".join(f"{share} {time:.3g} ms" for share, time in times.items())
    alt = f"{what}: {told}; fastest {ends[0]:.3g} ms, slowest {ends[1]:.3g} ms, {found.calls} calls"
    return Plot(name, what[:1].upper() + what[1:], alt, paint, (WIDTH, 1.5))
