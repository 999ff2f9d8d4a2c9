"""The boroughs of New York, drawn with straight lines. Pure: SQL of where an end of a trip lies.

Shores and borders are read off a map to about 300 metres, which is what a zone needs.
"""

from itertools import pairwise
from typing import Final

from training.etl.places import Place

BOROUGHS: Final = ("Manhattan", "Staten Island", "Bronx", "Brooklyn", "Queens")
"""Their codes are 1 to 5 in this order; 0 is elsewhere."""

_ISLAND: Final = (
    (40.6990, (-74.0200, -74.0100)),
    (40.7090, (-74.0195, -73.9750)),
    (40.7290, (-74.0160, -73.9690)),
    (40.7450, (-74.0130, -73.9655)),
    (40.7720, (-73.9950, -73.9400)),
    (40.7960, (-73.9785, -73.9270)),
    (40.8350, (-73.9510, -73.9325)),
    (40.8740, (-73.9300, -73.9090)),
    (40.8790, (-73.9270, -73.9200)),
)
"""Manhattan from south to north: latitudes, with the longitudes of its western and eastern shore there."""


def borough(end: str) -> str:
    """SQL for the code of the borough at an end of a trip."""
    lon, lat = f"{end}_longitude", f"{end}_latitude"
    tests = (_on_the_island(lon, lat), *(test.format(lon=lon, lat=lat) for test in _OTHERS))
    cases = [f"WHEN {test} THEN {code}" for code, test in enumerate(tests, start=1)]
    return f"CASE {' '.join(cases)} ELSE 0 END"


def _on_the_island(lon: str, lat: str) -> str:
    """Between the shores of the stretch that the latitude falls to: four lines are looked at, not all."""
    stretches = []
    for (south, (south_west, south_east)), (north, (north_west, north_east)) in pairwise(_ISLAND):
        west = _shore(lat, Place(south_west, south), Place(north_west, north))
        east = _shore(lat, Place(south_east, south), Place(north_east, north))
        stretches.append(f"WHEN {lat} < {north} THEN {lon} BETWEEN {west} AND {east}")
    return f"CASE WHEN {lat} < {_ISLAND[0][0]} THEN FALSE {' '.join(stretches)} ELSE FALSE END"


def _shore(lat: str, south: Place, north: Place) -> str:
    """The longitude of a straight shore at a latitude."""
    slope = (north.longitude - south.longitude) / (north.latitude - south.latitude)
    return f"({south.longitude}e0 + ({lat} - {south.latitude}e0) * ({slope:.6f}e0))"


_STATEN_ISLAND: Final = "{lon} BETWEEN -74.26 AND -74.05 AND {lat} BETWEEN 40.49 AND 40.65"
_BRONX: Final = (
    "{lon} BETWEEN -73.934 AND -73.765 AND {lat} BETWEEN 40.795 AND 40.916"
    " AND {lat} >= 40.8050 - ({lon} + 73.9100) * 0.08"
)
_BROOKLYN: Final = (
    "{lat} BETWEEN 40.565 AND 40.7390 AND {lat} <= 40.7060 + ({lon} + 74.0) * 0.9"
    " AND ({lon} BETWEEN -74.045 AND -73.897 AND {lat} <= 40.7390 - ({lon} + 73.9620) * 0.658"
    " AND {lat} <= 40.7140 - ({lon} + 73.9240) * 1.148"
    " OR {lon} BETWEEN -73.897 AND -73.858 AND {lat} <= 40.683)"
)
_QUEENS: Final = "{lon} BETWEEN -73.963 AND -73.70 AND {lat} BETWEEN 40.54 AND 40.80"
_OTHERS: Final = (_STATEN_ISLAND, _BRONX, _BROOKLYN, _QUEENS)
