"""What a New York yellow cab's meter shows: the fare rules of 2009-2015, free of chance.

All arguments are arrays of one trip per element. Surcharges, taxes and tips are no part of it. Source:
NYC Taxi & Limousine Commission, rate change of 2012-09-04.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Times = NDArray[np.datetime64]
Flags = NDArray[np.bool_]

RATE_CHANGE: Final = np.datetime64("2012-09-04T00:00:00")
DROP: Final = 2.50
"""Dollars on the meter at the start; the first unit is in it."""

_UNITS_PER_MILE: Final = 5
_UNITS_PER_HOUR: Final = 60
_SLOW_MPH: Final = 4.0
"""Mean speed of the stretches below 12 mph, standing included."""
_TOLLS: Final = ((2011, 4.57), (2013, 4.80), (2015, 5.33), (9999, 5.54))
"""The usual bridge or tunnel toll in the years before each year."""


def metered(start: Times, miles: Floats, mph: Floats) -> Floats:
    """Dollars for a trip of `miles` on the road at `mph` on average.

    A unit is a fifth of a mile at 12 mph or more, or a minute below that. The average splits into a slow and
    a fast part; how fast the fast part is grows with the average.
    """
    fast = np.maximum(20.0, 1.4 * mph)
    average = np.maximum(mph, _SLOW_MPH + 0.5)
    slow_hours = miles * (fast / average - 1) / (fast - _SLOW_MPH)
    fast_miles = miles - slow_hours * _SLOW_MPH
    units = np.floor(_UNITS_PER_MILE * fast_miles + _UNITS_PER_HOUR * slow_hours)
    dollars: Floats = DROP + unit_price(start) * np.maximum(units - 1, 0)
    return dollars


def unit_price(start: Times) -> Floats:
    """Dollars for a unit: 0.40, and 0.50 from the rate change on."""
    return np.where(start < RATE_CHANGE, 0.40, 0.50)


def jfk_flat(start: Times) -> Floats:
    """Dollars between Manhattan and JFK, either way, however long it takes."""
    return np.where(start < RATE_CHANGE, 45.0, 52.0)


def newark_extra(start: Times) -> Floats:
    """Dollars on top of the meter for a trip to Newark."""
    return np.where(start < RATE_CHANGE, 15.0, 17.50)


def toll(start: Times) -> Floats:
    """Dollars for one bridge or tunnel."""
    years = start.astype("datetime64[Y]").astype(int) + 1970
    befores: list[Any] = [years < before for before, _ in _TOLLS]
    return np.select(befores, [dollars for _, dollars in _TOLLS])
