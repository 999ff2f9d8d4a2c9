"""Models that predict classes: which label was given to which; ROC and calibration of probabilities."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from policies.figures import percent
from validation.arrays import Floats
from validation.reports.plots.canvas import INK, SOFT, Plot, plain
from validation.reports.plots.of_figures import WHO
from validation.reports.sketch import Given, OfClasses, Seen

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COUNTED_MOST = 8
"""With more labels, their counts would not be read."""
_POOLED = 5


def plots(dataset: str, seen: Seen, key: str) -> Iterator[Plot]:
    """Of each model a confusion matrix; ROC and calibration of both in one plot each."""
    found = {who: getattr(seen, who) for who in WHO}
    shown = {who: each for who, each in found.items() if isinstance(each, OfClasses)}
    for who, each in shown.items():
        yield _confusion(dataset, who, each, key)
    given = {who: each.given for who, each in shown.items() if each.given}
    if given:
        yield _roc(dataset, given, key)
        yield _calibration(dataset, given, key)
    surest = {who: each.surest for who, each in shown.items() if each.surest}
    if surest:
        yield _calibration(dataset, surest, key, of="the label given")


def _confusion(dataset: str, who: str, shown: OfClasses, key: str) -> Plot:
    counts = np.array(shown.counts)
    labels = [f"{label:g}" for label in shown.labels]

    def paint(axes: "Axes") -> None:
        from matplotlib.colors import to_rgb

        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        image = np.empty((*counts.shape, 4))
        image[..., :3] = to_rgb(WHO[who])
        image[..., 3] = 0.55 * shares
        axes.imshow(image, aspect="auto", interpolation="none")
        axes.grid(visible=False)
        axes.set_xticks(range(len(labels)), labels)
        axes.set_yticks(range(len(labels)), labels)
        if len(labels) <= COUNTED_MOST:
            for (row, column), count in np.ndenumerate(counts):
                axes.text(column, row, f"{count:,}", ha="center", va="center", color=INK)
        axes.set_xlabel("predicted")
        axes.set_ylabel("actual")

    right = percent(np.trace(counts) / max(1, counts.sum()))
    title = f"Actual and predicted labels, {who}"
    note = f"{shown.elsewhere:,} rows have a label that is not shown" if shown.elsewhere else ""
    alt = f"{title} on {plain(dataset)}: {right} of the rows shown were labelled right"
    return Plot(f"{key}-labels-{who}", title, alt, paint, note=note)


def _curves(
    given: Mapping[str, Given], curve: Callable[[Given], tuple[Floats, Floats]], names: tuple[str, str]
) -> Callable[["Axes"], None]:
    def paint(axes: "Axes") -> None:
        axes.plot((0, 1), (0, 1), color=SOFT, linewidth=0.8, linestyle=(0, (4, 3)))
        for who, each in given.items():
            axes.plot(*curve(each), color=WHO[who], linewidth=1.5, marker=".", markersize=3, label=who)
        axes.set_xlabel(names[0])
        axes.set_ylabel(names[1])
        axes.legend()

    return paint


def _roc(dataset: str, given: Mapping[str, Given], key: str) -> Plot:
    areas = "; ".join(f"{who}: area about {area(each):.3f}" for who, each in given.items())
    paint = _curves(given, roc, ("share of 0 called 1", "share of 1 called 1"))
    return Plot(f"{key}-roc", "ROC", f"ROC curve on {plain(dataset)}: {areas}", paint)


def _calibration(dataset: str, given: Mapping[str, Given], key: str, of: str = "1") -> Plot:
    worst = "; ".join(f"{who}: at most {_furthest(each)} apart" for who, each in given.items())
    right = "share that was 1" if of == "1" else "share of these labels that were right"
    paint = _curves(given, calibration, (f"probability of {of}", right))
    alt = f"Calibration on {plain(dataset)}, the probability given against what came true: {worst}"
    return Plot(f"{key}-calibration", "Calibration", alt, paint)


def roc(given: Given) -> tuple[Floats, Floats]:
    """Shares of 0 and of 1 that are called 1, threshold by threshold."""
    shares = [
        np.concatenate([[0.0], np.cumsum(each[::-1]) / max(1, sum(each))])
        for each in (given.zeros, given.ones)
    ]
    return shares[0], shares[1]


def area(given: Given) -> float:
    """Under that curve, ties within a bin counted half."""
    across, up = roc(given)
    return float(((up[1:] + up[:-1]) / 2 * np.diff(across)).sum())


def calibration(given: Given) -> tuple[Floats, Floats]:
    """The middle of each bin of probabilities that was given, and the share of its rows that are 1."""
    ones, zeros = (np.array(each, dtype=float) for each in (given.ones, given.zeros))
    rows = (ones + zeros).reshape(-1, _POOLED)
    middles = (np.arange(ones.size) + 0.5) / ones.size
    told = ((ones + zeros) * middles).reshape(-1, _POOLED).sum(axis=1)
    true, count = ones.reshape(-1, _POOLED).sum(axis=1), rows.sum(axis=1)
    some = count > 0
    return told[some] / count[some], true[some] / count[some]


def _furthest(given: Given) -> str:
    told, true = calibration(given)
    return percent(float(np.abs(told - true).max(initial=0.0)))
