"""What a generated trip costs on average, by whoever knows the rules: no model can do better, but by chance.

Chance is averaged out by drawing it often: the way, the traffic, the bridge. All of it comes from the
generator passed in.
"""

from typing import Final

import numpy as np
from numpy.random import Generator

from training import journeys
from training.etl.columns import PLACES, TIME
from training.etl.places import AIRPORT_KM, AIRPORTS
from training.journeys import Journeys, Points
from training.meter import Flags, Floats
from training.trips import Columns, fares

_FAR_KM: Final = 28.0
"""Beyond, more city trips are recorded astray than really go there."""
_LOST_KM: Final = 0.3
"""Below, two of three drop-offs were recorded about where the trip began."""
_KM_PER_DEGREE: Final = np.array([111.195 * 0.7576, 111.195])


def expected_fares(trips: Columns, rng: Generator, draws: int = 20) -> Floats:
    """Dollars for each trip, from what its file says alone."""
    supposed = _supposed(trips)
    dollars = averaged(supposed, rng, draws)
    doubt = _doubt(supposed)
    expected: Floats = (1 - doubt) * dollars + doubt * dollars[doubt == 0].mean()
    return expected


def averaged(known: Journeys, rng: Generator, draws: int) -> Floats:
    """Dollars for each journey, over `draws` of all that its ends and its time leave open."""
    total = sum(fares(journeys.driven_again(known, rng), rng) for _ in range(draws))
    return np.asarray(total / draws)


def _supposed(trips: Columns) -> Journeys:
    """The journeys that the recorded ends tell of; where they lie near an airport, they touch it."""
    pickup, dropoff = (np.column_stack([trips[name] for name in ends]) for ends in (PLACES[:2], PLACES[2:]))
    touches = np.full(len(pickup), journeys.CITY)
    codes = (journeys.JFK, journeys.LAGUARDIA, journeys.NEWARK)
    for code, airport in zip(codes, AIRPORTS.values(), strict=True):
        touches[_near(pickup, airport) | _near(dropoff, airport)] = code
    city = np.where(_near(pickup, AIRPORTS["JFK"])[:, None], dropoff, pickup)
    nothing = np.zeros(len(pickup))
    return Journeys(
        trips[TIME], pickup, dropoff, touches, journeys.rather_in_manhattan(city), nothing, nothing
    )


def _doubt(supposed: Journeys) -> Floats:
    """How probably the recorded drop-off says nothing: the signal was lost at once, or it is far astray."""
    km = np.linalg.norm((supposed.dropoff - supposed.pickup) * _KM_PER_DEGREE, axis=1)
    is_astray = (km > _FAR_KM) & (supposed.touches == journeys.CITY)
    doubt: Floats = np.select([is_astray, km < _LOST_KM], [0.9, 0.65], 0.0)
    return doubt


def _near(ends: Points, place: tuple[float, float]) -> Flags:
    near: Flags = np.linalg.norm((ends - np.array(place)) * _KM_PER_DEGREE, axis=1) <= AIRPORT_KM
    return near
