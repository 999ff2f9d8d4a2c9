"""Generates trips that are honest stand-ins for Kaggle's: its columns, its fare rules, its noise, its dirt.

What happened is drawn by `training.journeys` and priced by `training.meter`; here it is recorded, with what
goes wrong in recording. All chance comes from the generator passed in.
"""

from typing import Any, Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from training import journeys, meter
from training.etl.columns import PLACES, TARGET
from training.journeys import Journeys
from training.meter import Flags, Floats

Columns = dict[str, NDArray[Any]]

_GPS_DEGREES: Final = 0.00012
_LOST_SIGNAL: Final = 0.005
"""Share of trips whose drop-off is recorded about where they began."""
_ASTRAY: Final = 0.0008
"""Share of trips whose drop-off is recorded in another county."""
_FAR_MILES: Final = 7.0
"""City trips beyond this often cross a bridge."""
_ONE_END: Final = 0.1
"""How probably zero coordinates strike the drop-off only."""
_AGREED: Final = 0.002
"""Share of trips at a price that was agreed, out of town or against the rules."""

DIRT: Final = {
    "zero coordinates": 0.0200,
    "identical points": 0.0095,
    "stray coordinates": 0.0010,
    "fare not positive": 0.0002,
    "fare absurd": 0.00003,
    "drop-off missing": 0.00001,
    "no passenger": 0.0030,
}
"""Shares of broken rows in Kaggle's file. All but the last fail the clean step."""


def generate(rows: int, rng: Generator, first: int = 0) -> Columns:
    """Give `rows` trips by Kaggle's column names, in its order; their keys count from `first`.

    Missing coordinates are NaN.
    """
    drawn = journeys.draw(rows, rng)
    trips: Columns = {
        "key": np.arange(first, first + rows),
        TARGET: np.round(fares(drawn, rng), 2),
        "pickup_datetime": drawn.start,
        **dict(zip(PLACES, np.round(_recorded_places(drawn, rng), 6).T, strict=True)),
        "passenger_count": rng.choice(np.arange(1, 7), rows, p=[0.705, 0.148, 0.043, 0.019, 0.061, 0.024]),
    }
    for kind, share in DIRT.items():
        _soil(trips, kind, rng.random(rows) < share, rng)
    return trips


def fares(drawn: Journeys, rng: Generator) -> Floats:
    """Dollars: the meter's, JFK's flat fare, Newark's extra, tolls where the way leads over a bridge."""
    rows = len(drawn.miles)
    fare = meter.metered(drawn.start, drawn.miles, drawn.mph)
    flat = (drawn.touches == journeys.JFK) & drawn.in_manhattan
    fare = np.where(flat, meter.jfk_flat(drawn.start), fare)
    fare += np.where(drawn.touches == journeys.NEWARK, meter.newark_extra(drawn.start), 0)
    in_town = np.where(drawn.miles > _FAR_MILES, 0.15, 0.005)
    over_bridge = rng.random(rows) < np.choose(drawn.touches, [0.42, 0.48, 1.0, in_town])
    fare += np.where(over_bridge, meter.toll(drawn.start), 0)
    return np.where(rng.random(rows) < _AGREED, np.round(rng.uniform(15, 120, rows)), fare)


def _recorded_places(drawn: Journeys, rng: Generator) -> Floats:
    """Places as the receiver saw them, shape (trips, 4) in the order of `PLACES`."""
    rows = len(drawn.miles)
    lost = (rng.random(rows) < _LOST_SIGNAL)[:, None]
    dropoff = np.where(lost, drawn.pickup + rng.normal(0, 0.002, (rows, 2)), drawn.dropoff)
    dropoff += np.where((rng.random(rows) < _ASTRAY)[:, None], rng.normal(0, 0.35, (rows, 2)), 0)
    return np.hstack([drawn.pickup, dropoff]) + rng.normal(0, _GPS_DEGREES, (rows, 4))


def _soil(trips: Columns, kind: str, hit: Flags, rng: Generator) -> None:
    """Break the rows `hit` in one way. Zero coordinates mostly strike both ends, a few one end only."""
    pickup, dropoff = PLACES[:2], PLACES[2:]
    if kind == "zero coordinates":
        both = hit & (rng.random(len(hit)) >= _ONE_END)
        for column in PLACES:
            trips[column] = np.where(hit if column in dropoff else both, 0.0, trips[column])
        return
    spoilt: dict[str, tuple[tuple[str, ...], Any]] = {
        "stray coordinates": (pickup, -7.4),
        "fare not positive": ((TARGET,), rng.choice([-5.0, -2.5, 0.0], len(hit))),
        "fare absurd": ((TARGET,), 54_343.0),
        "drop-off missing": (dropoff, np.nan),
        "no passenger": (("passenger_count",), 0),
    }
    if kind == "identical points":
        for start, end in zip(pickup, dropoff, strict=True):
            trips[end] = np.where(hit, trips[start], trips[end])
        return
    columns, value = spoilt[kind]
    for column in columns:
        trips[column] = np.where(hit, value, trips[column])
