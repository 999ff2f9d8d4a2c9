"""Pictures of a training: how its errors fell, and what the model answers where the truth is known."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from training.epoch import Epoch

_MOST_POINTS: Final = 5_000


def learning_curves(epochs: Sequence[Epoch], best: int) -> Figure:
    """Loss and validation errors by epoch, the best one marked."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    numbers = [epoch.number for epoch in epochs]
    groups = (("loss", "val_loss"), ("val_rmse", "val_mae"))
    for axes, names, unit in zip(figure.subplots(1, 2), groups, ("loss", "dollars"), strict=True):
        for name in names:
            if name in epochs[0].metrics:
                axes.plot(numbers, [epoch.metrics[name] for epoch in epochs], label=name)
        axes.axvline(best, color="grey", linestyle=":", label=f"best epoch {best}")
        axes.set(xlabel="epoch", ylabel=unit)
        axes.legend()
    return figure


def predicted_against_actual(predicted: NDArray[Any], fares: NDArray[Any]) -> Figure:
    """A point a trip; evenly chosen ones where there are many."""
    chosen = np.linspace(0, len(fares) - 1, min(len(fares), _MOST_POINTS)).astype(int)
    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    axes.scatter(fares[chosen], predicted[chosen], s=4, alpha=0.3)
    highest = float(max(fares.max(), predicted.max()))
    axes.plot([0, highest], [0, highest], color="grey", linestyle=":")
    axes.set(xlabel="fare in dollars", ylabel="predicted", title=f"{len(fares):,} validation trips")
    return figure
