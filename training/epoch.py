"""How one epoch of training went, and how well a model does: values, and no library behind them. Pure."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.errors import LossInvalid


@dataclass(frozen=True)
class Epoch:
    """`metrics` are in dollars but for the loss; `number` counts from 1, `ended_ms` since 1970."""

    number: int
    of: int
    metrics: dict[str, float]
    ended_ms: int


class EnoughSeen(Exception):
    """Raised by whoever is told of epochs: no more of them are needed, for others do better."""


Tell = Callable[[Epoch], None]


def errors_of(predicted: NDArray[Any], fares: NDArray[Any]) -> dict[str, float]:
    """The case study's metrics in dollars, dollars squared for `val_mse`."""
    with np.errstate(over="ignore", invalid="ignore"):  # what is no number is told by `insist`
        wrong = np.asarray(predicted, "float64").reshape(-1) - np.asarray(fares, "float64").reshape(-1)
        square = float(np.mean(wrong**2))
    return {"val_rmse": math.sqrt(square), "val_mae": float(np.mean(np.abs(wrong))), "val_mse": square}


def insist(epoch: Epoch) -> None:
    """Raise LossInvalid where a metric is no finite number."""
    wild = [name for name, value in epoch.metrics.items() if not math.isfinite(value)]
    if wild:
        raise LossInvalid(
            f"{' and '.join(wild)} became {epoch.metrics[wild[0]]} in epoch {epoch.number} of {epoch.of}:"
            " stopped, nothing registered; a smaller --learning-rate usually helps"
        )
