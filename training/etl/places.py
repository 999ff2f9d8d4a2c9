"""New York as the features see it: centres and airports. Pure: SQL of where an end of a trip lies."""

from typing import Final, NamedTuple


class Place(NamedTuple):
    """Degrees."""

    longitude: float
    latitude: float


CENTRES: Final = {"midtown": Place(-73.9800, 40.7570), "downtown": Place(-74.0095, 40.7075)}
AIRPORTS: Final = {
    "JFK": Place(-73.7822, 40.6450),
    "LaGuardia": Place(-73.8722, 40.7740),
    "Newark": Place(-74.1780, 40.6925),
}
"""Codes of the airport zones are 1, 2, 3 in this order; 0 is none."""
AIRPORT_KM: Final = 2.5
"""Radius of an airport's zone: its terminals, their drives and the stands for cabs."""

_KM_PER_DEGREE: Final = 111.195
_SHRINK: Final = 0.7576
"""Of a degree of longitude at 40.75 degrees north."""


def km_to(end: str, place: Place) -> str:
    """SQL for kilometres between an end of a trip and a place; flat, so right to 1 % within the city."""
    return f"sqrt({_squared_km_to(end, place)})"


def _squared_km_to(end: str, place: Place) -> str:
    east = f"({end}_longitude - ({place.longitude}e0)) * {_KM_PER_DEGREE * _SHRINK:.4f}e0"
    north = f"({end}_latitude - {place.latitude}e0) * {_KM_PER_DEGREE}e0"
    return f"{squared(f'({east})')} + {squared(f'({north})')}"


def squared(term: str) -> str:
    """SQL for a term times itself: engines compute it once, and their `pow` takes ten times as long."""
    return f"{term} * {term}"


def airport(end: str) -> str:
    """SQL for the code of the airport at an end of a trip."""
    cases = [
        f"WHEN {_squared_km_to(end, place)} <= {AIRPORT_KM**2}e0 THEN {code}"
        for code, place in enumerate(AIRPORTS.values(), start=1)
    ]
    return f"CASE {' '.join(cases)} ELSE 0 END"
