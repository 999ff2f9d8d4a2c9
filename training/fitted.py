"""What comes out of fitting, whichever library did it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.epoch import Epoch


@dataclass(frozen=True)
class Fitted:
    """A model with the weights of its best epoch, and its errors in dollars on the validation rows.

    `predict` takes a matrix of all columns in their order, and gives dollars, shape (rows,).
    """

    model: Any
    predict: Callable[[NDArray[np.float32]], NDArray[Any]]
    epochs: list[Epoch]
    best_epoch: int
    errors: dict[str, float]
