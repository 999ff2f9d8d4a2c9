"""The networks: named columns in, dollars out, with all preprocessing inside the model that is logged.

Every kind takes every column of `training.etl.features`, whether it looks at it or not, so that callers send
the same rows to whatever version is in service. No Lambda layers: Keras's safe mode must be able to load it.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray

from training.etl.features import FEATURES

Inputs = dict[str, NDArray[np.float32]]
"""Columns by name, shape (rows, 1)."""
Fares = NDArray[np.float32]
"""Dollars, shape (rows, 1)."""
Tensors = Mapping[str, Any]


@dataclass(frozen=True)
class Network:
    """One kind of network: what it looks at, its hidden layers, its loss."""

    look: Callable[[Tensors], list[Any]]
    hidden: tuple[int, ...]
    loss: Callable[[], Any]


def build(kind: str, inputs: Inputs, fares: Fares) -> Any:
    """Build an untrained Keras model, scaled by these training rows; it answers shape (rows, 1)."""
    network = NETWORKS[kind]
    columns = {name: keras.Input((1,), name=name, dtype="float32") for name in FEATURES}
    seen = ops.concatenate(network.look(columns), axis=-1)
    scale = layers.Normalization(name="scale")
    scale.adapt(keras.Model(columns, seen).predict(inputs, batch_size=8192, verbose=0))
    # Few rows may hold hardly any variance in a column: without a bound, the first other value would explode.
    tensor = ops.clip(scale(seen), -5, 5) if network.hidden else scale(seen)
    for units in network.hidden:
        tensor = layers.Dense(units, activation="relu")(tensor)
        tensor = layers.BatchNormalization(momentum=0.9)(tensor)
        tensor = layers.Dropout(0.1)(tensor)
    dollars = layers.Rescaling(float(fares.std()) or 1.0, float(fares.mean()), name="fare")
    return keras.Model(columns, dollars(layers.Dense(1)(tensor)))


def _distance_only(columns: Tensors) -> list[Any]:
    return [columns["distance_km"]]


def _everything(columns: Tensors) -> list[Any]:
    """All columns, and what the meter goes by: way along the streets, hour, rate, airports."""
    grid_km = _along_streets(columns)
    turn = columns["hour"] * (2 * math.pi / 24)
    date = columns["year"] + (columns["month"] - 1) / 12 + (columns["dayofmonth"] - 1) / 365
    return [
        *(columns[name] for name in FEATURES),
        grid_km,
        ops.log1p(grid_km),
        ops.log1p(columns["distance_km"]),
        *(wave(times * turn) for times in (1, 2) for wave in (ops.sin, ops.cos)),
        ops.cast(date >= _RATE_CHANGE, "float32"),
        ops.cast(columns["dayofweek"] >= _SATURDAY, "float32"),
        *(_near(columns, end, airport) for end in ("pickup", "dropoff") for airport in _AIRPORTS),
    ]


def _along_streets(columns: Tensors) -> Any:
    """Kilometres along Manhattan's avenues (29 degrees east of north) plus across them."""
    east = columns["londiff"] * (_KM_PER_DEGREE * math.cos(math.radians(40.75)))
    north = columns["latdiff"] * _KM_PER_DEGREE
    sin, cos = math.sin(math.radians(29)), math.cos(math.radians(29))
    return ops.absolute(east * sin + north * cos) + ops.absolute(east * cos - north * sin)


def _near(columns: Tensors, end: str, place: tuple[float, float]) -> Any:
    """Give 1 at the place, nearly 0 from five kilometres on."""
    east = (columns[f"{end}_longitude"] - place[0]) * (_KM_PER_DEGREE * math.cos(math.radians(40.75)))
    north = (columns[f"{end}_latitude"] - place[1]) * _KM_PER_DEGREE
    return ops.exp(-(east * east + north * north) / (2 * 2.0**2))


_KM_PER_DEGREE: Final = 111.2
_RATE_CHANGE: Final = 2012 + 8 / 12 + 3 / 365
"""2012-09-04 as a year."""
_SATURDAY: Final = 5
_AIRPORTS: Final = ((-73.7822, 40.6450), (-73.8722, 40.7740), (-74.1780, 40.6925))
"""JFK, LaGuardia, Newark."""

NETWORKS: Final = {
    "linear": Network(_distance_only, (), lambda: "mse"),
    "seed": Network(_everything, (256, 128, 64, 32, 16), lambda: keras.losses.Huber(3.0)),
}
"""By the kinds of `training.plan`. The robust loss keeps a few wild fares from ruling the rest."""
