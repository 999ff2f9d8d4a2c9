"""Where, when and how fast New York's cabs go: the truth behind a generated trip, before anybody records it.

All chance comes from the generator passed in. Shares, spreads and speeds are fitted to real trips of
2009-2015. Fares are `training.meter`'s; what a file makes of it all is `training.trips`'s.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from training.meter import Flags, Floats, Times

Points = NDArray[np.float64]
"""Longitudes and latitudes in degrees, shape (trips, 2)."""
Area = tuple[tuple[float, float], tuple[float, float]]
"""Centre (longitude, latitude) and spread (across, along the avenues), in degrees."""

JFK, LAGUARDIA, NEWARK, CITY = range(4)
"""What a journey touches; `CITY` is no airport."""

PICKUPS_BY_HOUR: Final = (
    4.0, 2.9, 2.2, 1.6, 1.2, 1.1, 2.1, 3.7, 4.6, 4.7, 4.5, 4.7,
    4.9, 4.8, 5.0, 4.8, 4.1, 5.0, 6.1, 6.3, 5.9, 5.8, 5.6, 4.4,
)  # fmt: skip
"""Per cent of all trips."""
MPH_BY_HOUR: Final = (
    12.4, 12.8, 13.2, 13.6, 14.4, 14.8, 12.8, 10.0, 8.8, 8.5, 8.5, 8.3,
    8.2, 8.2, 8.0, 8.0, 8.2, 8.2, 8.5, 9.1, 10.1, 10.4, 10.7, 11.4,
)  # fmt: skip
"""Mean speed of a trip of two miles on a weekday, outside Midtown."""

_MANHATTAN: Final = ((-73.9812, 40.7535), (0.0060, 0.0215))
_BOROUGHS: Final = ((-73.9500, 40.7050), (0.0260, 0.0260))
_MIDTOWN: Final = (-73.9800, 40.7570)
_AIRPORTS: Final = {
    JFK: ((-73.7822, 40.6450), (0.0035, 0.0030)),
    LAGUARDIA: ((-73.8722, 40.7740), (0.0012, 0.0040)),
    NEWARK: ((-74.1780, 40.6925), (0.0030, 0.0030)),
}
_SHARES: Final = {JFK: 0.0200, LAGUARDIA: 0.0320, NEWARK: 0.0018, CITY: 0.9462}
_STARTS_THERE: Final = {JFK: 0.66, LAGUARDIA: 0.62, NEWARK: 0.0}
"""Share of an airport's trips that start at it; New York's cabs may not pick up in Newark."""

_DETOURS: Final = 0.01
"""Share of trips by a longer way, or with a second stop."""

_FIRST: Final = np.datetime64("2009-01-01T00:00:00")
_DAYS: Final = 2372
"""To 2015-06-30, the last day of Kaggle's file."""

_SHRINK: Final = np.array([np.cos(np.radians(40.75)), 1.0])
"""A degree of longitude is shorter than one of latitude."""
_MILES_PER_DEGREE: Final = 69.1
_GRID: Final = np.array([[0.875, -0.485], [0.485, 0.875]])
"""From (across, along the avenues) to (east, north): Manhattan's avenues run 29 degrees east of north."""


@dataclass(frozen=True)
class Journeys:
    """What really happened; one element per journey."""

    start: Times
    pickup: Points
    dropoff: Points
    touches: NDArray[np.int64]
    in_manhattan: Flags
    """Whether the city's end of the journey lies in Manhattan."""
    miles: Floats
    mph: Floats


def draw(rows: int, rng: Generator) -> Journeys:
    """Draw `rows` journeys."""
    start = _starts(rows, rng)
    touches = rng.choice(list(_SHARES), rows, p=list(_SHARES.values()))
    in_manhattan = rng.random(rows) < np.where(touches == CITY, 0.93, 0.80)
    city = np.where(in_manhattan[:, None], _points(_MANHATTAN, rows, rng), _points(_BOROUGHS, rows, rng))
    pickup, dropoff = city, city + _moves(rows, rng)
    for airport, area in _AIRPORTS.items():
        field, leaves = _points(area, rows, rng), rng.random(rows) < _STARTS_THERE[airport]
        pickup = np.where(((touches == airport) & leaves)[:, None], field, pickup)
        dropoff = np.where((touches == airport)[:, None], np.where(leaves[:, None], city, field), dropoff)
    miles = _road_miles(pickup, dropoff, rng)
    return Journeys(
        start, pickup, dropoff, touches, in_manhattan, miles, _mph(start, (pickup + dropoff) / 2, miles, rng)
    )


def driven_again(known: Journeys, rng: Generator) -> Journeys:
    """The same journeys, by another way through other traffic."""
    miles = _road_miles(known.pickup, known.dropoff, rng)
    mph = _mph(known.start, (known.pickup + known.dropoff) / 2, miles, rng)
    return replace(known, miles=miles, mph=mph)


def rather_in_manhattan(places: Points) -> Flags:
    """Whether a place of the city's end of an airport's journey was rather drawn in Manhattan."""
    ours, theirs = 0.80 * _density(_MANHATTAN, places), 0.20 * _density(_BOROUGHS, places)
    return np.asarray(ours > theirs)


def _density(area: Area, places: Points) -> Floats:
    centre, spread = area
    along = (places - np.array(centre)) * _SHRINK @ _GRID.T / np.array(spread)
    density: Floats = np.exp(-(along**2).sum(axis=1) / 2) / np.prod(spread)
    return density


def _starts(rows: int, rng: Generator) -> Times:
    hours = rng.choice(24, rows, p=np.array(PICKUPS_BY_HOUR) / sum(PICKUPS_BY_HOUR))
    seconds = rng.integers(_DAYS, size=rows) * 86_400 + hours * 3_600 + rng.integers(3_600, size=rows)
    start: Times = _FIRST + seconds.astype("timedelta64[s]")
    return start


def _points(area: Area, rows: int, rng: Generator) -> Points:
    centre, spread = area
    points: Points = np.array(centre) + rng.normal(0, spread, (rows, 2)) @ _GRID / _SHRINK
    return points


def _moves(rows: int, rng: Generator) -> Points:
    """From pickup to drop-off within the city, rather along the avenues than across them."""
    miles = rng.lognormal(np.log(1.3), 0.77, rows)
    direction = rng.normal(0, (0.55, 1.0), (rows, 2))
    direction *= (miles / np.linalg.norm(direction, axis=1))[:, None]
    moves: Points = direction @ _GRID / _SHRINK / _MILES_PER_DEGREE
    return moves


def _road_miles(pickup: Points, dropoff: Points, rng: Generator) -> Floats:
    """Along the streets, not as the crow flies; some take a detour, or a second stop on the way."""
    along_grid = np.abs((dropoff - pickup) * _SHRINK @ _GRID.T).sum(axis=1) * _MILES_PER_DEGREE
    rows = len(along_grid)
    detour = np.where(rng.random(rows) < _DETOURS, rng.uniform(1.5, 4, rows), 1)
    miles: Floats = along_grid * rng.lognormal(np.log(1.03), 0.10, rows) * detour
    return miles


def _mph(start: Times, middle: Points, miles: Floats, rng: Generator) -> Floats:
    """Mean speed: by hour, day, length and nearness to Midtown, never the same twice."""
    hour = start.astype("datetime64[h]").astype(int) % 24
    weekend = np.is_busday(start.astype("datetime64[D]"), weekmask="0000011")
    mph: Floats = np.array(MPH_BY_HOUR)[hour] * (np.maximum(miles, 0.2) / 2) ** 0.35
    mph *= np.where(weekend & np.isin(hour, np.arange(6, 12)), 1.25, 1.0)
    near = np.exp(-(((middle - _MIDTOWN) / 0.012) ** 2).sum(axis=1) / 2)
    mph *= 1 - 0.4 * near * (~weekend & np.isin(hour, np.arange(8, 20)))
    mph *= rng.lognormal(0, 0.28, len(miles))
    return mph
