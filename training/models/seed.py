"""The network of the case study, as it was: fourteen columns between 0 and 1, five layers, squared error.

Its scaling is part of the model here; the case study fitted a second one to the rows that it tested on.
"""

from typing import Any, Final

import keras
from keras import layers, ops

from training.models.network import Fares, Matrix, Network, Tensors, looking, spanned

COLUMNS: Final = (
    "hour", "year", "month", "dayofmonth", "dayofweek", "late_night", "night", "passenger_count",
    "latdiff", "londiff", "euclidean", "manhattan", "ploc", "dloc",
)  # fmt: skip
HIDDEN: Final = (256, 128, 64, 32, 16)


def seed(train: Matrix, fares: Fares, activation: str = "relu") -> Network:
    """Untrained, scaled by these training rows."""
    del fares  # answers in dollars, unscaled, as the case study's
    return Network(looking(_fourteen, train, spanned), layers_of(activation), 0.0, 1.0, ops.square)


def layers_of(activation: str) -> Any:
    """Dense 256-128-64-32-16-1, each hidden layer normalised."""
    seen = keras.Input((len(COLUMNS),))
    tensor = seen
    for units in HIDDEN:
        tensor = layers.BatchNormalization()(layers.Dense(units, activation=activation)(tensor))
    return keras.Model(seen, layers.Dense(1)(tensor), name="body")


def _fourteen(columns: Tensors) -> list[Any]:
    return [columns[name] for name in COLUMNS]
