"""What there is to be drawn of a report: the list of its plots, none of them drawn yet. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.evidence.latency import Latency, LatencyNeed
from policies.metrics import Better
from validation.reports.plots import of_classes, of_drift, of_figures, of_latency
from validation.reports.plots.canvas import Plot, plain
from validation.reports.plots.of_slices import Branch, forest
from validation.reports.report import Report
from validation.reports.sliced import Sliced, sliced

CHANGE = "-change"


@dataclass(frozen=True)
class BySlice:
    """One metric by slice: its table and its plots."""

    of: Sliced
    plots: tuple[Plot, ...]


@dataclass(frozen=True)
class Drawn:
    """The plots of a report, in the order in which they are shown."""

    answers: Mapping[str, tuple[Plot, ...]]
    """By data set."""
    slices: tuple[BySlice, ...]
    drift: tuple[Plot, ...]
    latency: tuple[Plot, ...]

    @property
    def all(self) -> Iterator[Plot]:
        """Each plot once; their names differ."""
        for plots in self.answers.values():
            yield from plots
        for each in self.slices:
            yield from each.plots
        yield from self.drift
        yield from self.latency


def draw(report: Report) -> Drawn:
    """All that the report has something to show of."""
    sketch = report.sketch
    answers = {
        name: (*of_figures.plots(name, seen, f"data-{at}"), *of_classes.plots(name, seen, f"data-{at}"))
        for at, (name, seen) in enumerate(sketch.seen.items(), start=1)
    }
    by_slice = [
        BySlice(each, tuple(_forests(each, f"slices-{at}")))
        for at, each in enumerate(sliced(report.evidence, sketch), start=1)
    ]
    return Drawn(
        answers={name: plots for name, plots in answers.items() if plots},
        slices=tuple(by_slice),
        drift=tuple(of_drift.plots(sketch.moved, "drift")),
        latency=tuple(_latency(report)),
    )


def _latency(report: Report) -> Iterator[Plot]:
    timed = [need for need in report.sketch.needs.values() if isinstance(need, LatencyNeed)]
    for at, need in enumerate(timed, start=1):
        found = report.evidence.findings.get(need.key)
        if isinstance(found, Latency):
            yield of_latency.plot(need.key, f"latency-{at}", found)


def pngs(drawn: Drawn) -> dict[str, bytes]:
    """The same plots for messages, by file name."""
    return {f"{plot.name}.png": plot.png() for plot in drawn.all}


def for_messages(drawn: Drawn) -> Plot | None:
    """The one plot that says most in a message: slices against the champion, else the first there is."""
    changes = (plot for each in drawn.slices for plot in each.plots if plot.name.endswith(CHANGE))
    return next(changes, None) or next(drawn.all, None)


def _forests(of: Sliced, key: str) -> Iterator[Plot]:
    where = f"{of.metric} by slice on {plain(of.dataset)}"
    values = [
        Branch(each.name, each.value, each.ends, each.champion) for each in of.lines if each.value is not None
    ]
    if values:
        beside = ", ◇ the champion's" if any(each.beside is not None for each in values) else ""
        yield forest(key, f"{where}{beside}", values, unit=of.metric)
    changes = [
        Branch(each.name, each.change, each.change_ends) for each in of.lines if each.change is not None
    ]
    if changes:
        way = "left is better" if of.better is Better.SMALLER else "right is better"
        title = f"{where}: change against the champion"
        yield forest(f"{key}{CHANGE}", title, changes, unit=f"change of {of.metric}, {way}", zero=True)
