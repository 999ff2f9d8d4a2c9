"""A network in two halves: eyes that nothing teaches, run once over all rows, and a body that is trained.

Together they are one Keras model from named columns to dollars, with all preprocessing inside. Every kind
takes every column of the ETL, whether it looks at it or not, so that callers send the same rows to whatever
version is in service. No Lambda layers: Keras's safe mode must be able to load it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray

from training.etl.features import FEATURES

Matrix = NDArray[np.float32]
"""Shape (rows, columns)."""
Fares = NDArray[np.float32]
"""Dollars, shape (rows,)."""
Tensors = dict[str, Any]

_BATCH: Final = 65_536
_FARTHEST: Final = 6.0
"""Standard deviations. Few rows may hold hardly any variance: the first other value would explode."""


@dataclass(frozen=True)
class Network:
    """`eyes` make features of columns, `body` makes of them answers in standard deviations, one per member.

    `cost` gives the loss of errors in dollars. `average` is the share of the past in the running average of
    weights that is kept instead of the last weights; 0 keeps the last.
    """

    eyes: Any
    body: Any
    centre: float
    spread: float
    cost: Callable[[Any], Any]
    average: float = 0.0
    weight_decay: float = 0.0

    def whole(self) -> Any:
        """The model that is logged: columns of shape (rows, 1) in, dollars of shape (rows, 1) out."""
        columns = inputs()
        members = self.body(self.eyes(columns))
        answer = ops.mean(members, axis=-1, keepdims=True)
        return keras.Model(columns, layers.Rescaling(self.spread, self.centre, name="fare")(answer))

    def see(self, rows: Matrix) -> Matrix:
        """Features of all rows."""
        seen: Matrix = self.eyes.predict(named(rows), batch_size=_BATCH, verbose=0)
        return seen


def inputs() -> Tensors:
    """One input a column."""
    return {name: keras.Input((1,), name=name, dtype="float32") for name in FEATURES}


def named(rows: Matrix) -> dict[str, Matrix]:
    """Columns by name, shape (rows, 1)."""
    return {name: rows[:, place : place + 1] for place, name in enumerate(FEATURES)}


def looking(look: Callable[[Tensors], Sequence[Any]], train: Matrix, scale: Callable[[Matrix], Any]) -> Any:
    """Eyes that put side by side what `look` makes of the columns, scaled as the training rows ask."""
    columns = inputs()
    seen = ops.concatenate(look(columns), axis=-1)
    unscaled = keras.Model(columns, seen).predict(named(train), batch_size=_BATCH, verbose=0)
    return keras.Model(columns, ops.clip(scale(unscaled)(seen), -_FARTHEST, _FARTHEST), name="eyes")


def standardised(seen: Matrix) -> Any:
    """Mean 0, standard deviation 1."""
    variance = seen.var(axis=0, dtype="float64")
    return _shifted(seen.mean(axis=0, dtype="float64"), np.where(variance > 0, variance, 1.0))


def spanned(seen: Matrix) -> Any:
    """Lowest value 0, highest 1."""
    span = np.ptp(seen, axis=0).astype("float64")
    return _shifted(seen.min(axis=0), np.where(span > 0, span, 1.0) ** 2)


def _shifted(mean: NDArray[Any], variance: NDArray[Any]) -> Any:
    return layers.Normalization(mean=mean.tolist(), variance=variance.tolist(), name="scale")
