"""The network that this project stands for: several small ones in one, which see a trip as the meter does.

Members differ by their first weights only and are trained at once, on a loss that a few wild fares do not
rule; their mean, with averaged weights, hardly depends on the seed.
"""

import math
from collections.abc import Callable
from typing import Any, Final

import keras
from keras import layers, ops

from training.models.network import Fares, Matrix, Network, Tensors, looking, standardised

MEMBERS: Final = 4
HIDDEN: Final = (64, 32)
_HUBER: Final = 3.0
"""Dollars from which an error counts by its size, no longer by its square, for few rows."""
_FEW: Final = 6_000
_AVERAGE: Final = 0.99
_WEIGHT_DECAY: Final = 1e-4


def default(train: Matrix, fares: Fares, activation: str = "relu") -> Network:
    """Untrained, scaled by these training rows."""
    eyes = looking(look, train, standardised)
    body = members(eyes.output_shape[-1], activation)
    cost = robust(bend(len(fares)))
    return Network(eyes, body, float(fares.mean()), float(fares.std()), cost, _AVERAGE, _WEIGHT_DECAY)


def members(width: int, activation: str) -> Any:
    """All members side by side: one product of matrices a layer, however many they are."""
    first, *rest = HIDDEN
    seen = keras.Input((width,))
    tensor = layers.Dense(MEMBERS * first, activation=activation, kernel_initializer="he_normal")(seen)
    tensor = layers.Reshape((MEMBERS, first))(tensor)
    for units in (*rest, 1):
        tensor = layers.EinsumDense(
            "rmi,mio->rmo",
            output_shape=(MEMBERS, units),
            bias_axes="mo",
            activation=activation if units > 1 else None,
            # Keras takes the members for a part of what flows in, and would start them too small.
            kernel_initializer=keras.initializers.VarianceScaling(
                2.0 * MEMBERS if units > 1 else 0.1 * MEMBERS
            ),
        )(tensor)
    return keras.Model(seen, layers.Reshape((MEMBERS,))(tensor), name="body")


def bend(rows: int) -> float:
    """Dollars where squares end: farther out for more rows, among which wild fares average out by themselves.

    Else answers would stay between median and mean. By the root of the rows: Sun, Zhou, Fan, "Adaptive Huber
    Regression", JASA 115 (2020).
    """
    return _HUBER * max(1.0, math.sqrt(rows / _FEW))


def robust(dollars: float) -> Callable[[Any], Any]:
    """Huber's loss: half the square of a small error, the size of a large one, in units of `dollars`."""

    def cost(errors: Any) -> Any:
        size = ops.absolute(errors)
        small = ops.minimum(size, dollars)
        return small * (size - 0.5 * small) / dollars

    return cost


def look(columns: Tensors) -> list[Any]:
    """What the meter goes by, and what stands for it: the way, its ends, the moment, the rate in force."""
    ends = {end: _kilometres(columns, end) for end in ("pickup", "dropoff")}
    return [
        *_way(columns, ends),
        *(turned for end in ends.values() for turned in (*end, *_turned(*end))),
        *(_near(*end, airport) for end in ends.values() for airport in _AIRPORTS),
        *_zones(columns),
        *_waves(ends),
        *_moment(columns),
        ops.minimum(columns["passenger_count"], 6.0),
    ]


Point = tuple[Any, Any]
"""Kilometres east and north of the middle of Manhattan."""


def _kilometres(columns: Tensors, end: str) -> Point:
    east = (columns[f"{end}_longitude"] - _MIDDLE[0]) * _KM_EAST
    north = (columns[f"{end}_latitude"] - _MIDDLE[1]) * _KM_NORTH
    return ops.clip(east, -_FARTHEST_KM, _FARTHEST_KM), ops.clip(north, -_FARTHEST_KM, _FARTHEST_KM)


def _way(columns: Tensors, ends: dict[str, Point]) -> list[Any]:
    """Along the avenues and across them, and as the crow flies; roots and logarithms for the short ones."""
    (from_east, from_north), (to_east, to_north) = ends.values()
    along, across = map(ops.absolute, _turned(to_east - from_east, to_north - from_north))
    streets = along + across
    crow = ops.clip(columns["distance_km"], 0.0, 2 * _FARTHEST_KM)
    bends = [ops.sqrt(streets), ops.log1p(streets), ops.log1p(crow)]
    direction = [(to_east - from_east) / (streets + 0.1), (to_north - from_north) / (streets + 0.1)]
    return [along, across, streets, crow, *bends, *direction]


def _turned(east: Any, north: Any) -> Point:
    """Kilometres along Manhattan's avenues, which run 29 degrees east of north, and across them."""
    sin, cos = math.sin(math.radians(29)), math.cos(math.radians(29))
    return east * sin + north * cos, east * cos - north * sin


def _near(east: Any, north: Any, place: tuple[float, float]) -> Any:
    """Give 1 at the place, nearly 0 from five kilometres on."""
    to_east, to_north = (place[0] - _MIDDLE[0]) * _KM_EAST, (place[1] - _MIDDLE[1]) * _KM_NORTH
    return ops.exp(-(ops.square(east - to_east) + ops.square(north - to_north)) / (2 * 2.0**2))


def _zones(columns: Tensors) -> list[Any]:
    """Airports and Manhattan by their codes, at each end, and the flat fare between JFK and Manhattan."""
    found: list[list[Any]] = []
    for end in ("pickup", "dropoff"):
        airports = [_is(columns[f"{end}_airport"], code) for code in range(1, len(_AIRPORTS) + 1)]
        found.append([*airports, _is(columns[f"{end}_borough"], _MANHATTAN)])
    (from_jfk, *_, from_manhattan), (to_jfk, *_, to_manhattan) = found
    flat = ops.maximum(from_jfk * to_manhattan, from_manhattan * to_jfk)
    return [*found[0], *found[1], flat]


def _is(codes: Any, code: int) -> Any:
    return ops.cast(ops.equal(codes, code), "float32")


def _waves(ends: dict[str, Point]) -> list[Any]:
    """Fourier features: where along Manhattan an end lies, at two wave lengths."""
    along = [_turned(*end)[0] * (2 * math.pi / km) for end in ends.values() for km in _WAVES_KM]
    return [wave(angle) for angle in along for wave in (ops.sin, ops.cos)]


def _moment(columns: Tensors) -> list[Any]:
    """The turns of day, week and year, the years since fares were raised, and whether they were."""
    day = columns["hour"] * (2 * math.pi / 24)
    week = (columns["dayofweek"] * 24 + columns["hour"]) * (2 * math.pi / 168)
    year = ((columns["month"] - 1) / 12 + (columns["dayofmonth"] - 1) / 365) * (2 * math.pi)
    date = columns["year"] + year / (2 * math.pi)
    angles = [day, 2 * day, 3 * day, week, year]
    return [
        *(wave(angle) for angle in angles for wave in (ops.sin, ops.cos)),
        date - _RAISED,
        ops.cast(date >= _RAISED, "float32"),
        ops.cast(columns["dayofweek"] >= _SATURDAY, "float32"),
        columns["night"],
        columns["late_night"],
    ]


_MIDDLE: Final = (-73.97, 40.75)
_KM_NORTH: Final = 111.195
_KM_EAST: Final = _KM_NORTH * math.cos(math.radians(_MIDDLE[1]))
_FARTHEST_KM: Final = 35.0
"""From the middle; beyond it a place is most often a slip of the receiver."""
_WAVES_KM: Final = (8.0, 3.0)
_RAISED: Final = 2012 + 8 / 12 + 3 / 365
"""2012-09-04, when fares were raised."""
_SATURDAY: Final = 5
_AIRPORTS: Final = ((-73.7822, 40.6450), (-73.8722, 40.7740), (-74.1780, 40.6925))
"""JFK, LaGuardia, Newark: codes 1 to 3 of the zones that the ETL made."""
_MANHATTAN: Final = 1
"""Code of the borough."""
