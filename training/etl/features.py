"""What is made of a trip that is kept, written once, as SQL that every engine reads alike. Pure.

Every expression reads one judged row and nothing else. Only functions that DuckDB and Spark share, with the
same answers, may stand here; what they do not share is a word of `training.etl.words`. Scaling is the
network's, inside the logged model.
"""

from typing import Final

from training.etl.boroughs import borough
from training.etl.columns import PLACES
from training.etl.places import CENTRES, airport, km_to, squared
from training.etl.words import Words

EARTH_KM: Final = 6371.0088
"""Mean radius (IUGG)."""

_EAST: Final = "(sin(radians(dropoff_longitude - pickup_longitude)) * cos(radians(dropoff_latitude)))"
_NORTH: Final = (
    "(cos(radians(pickup_latitude)) * sin(radians(dropoff_latitude))"
    " - sin(radians(pickup_latitude)) * cos(radians(dropoff_latitude))"
    " * cos(radians(dropoff_longitude - pickup_longitude)))"
)
"""Of the way that leads to the drop-off: its first direction, to no scale."""
_LENGTH: Final = f"sqrt({squared(_EAST)} + {squared(_NORTH)})"

_HOURS: Final = "(hour(pickup_datetime) + minute(pickup_datetime) / 60e0)"
_DATE: Final = "year(pickup_datetime) * 10000 + month(pickup_datetime) * 100 + day(pickup_datetime)"
_DAY: Final = "(2 * pi() / 24)"
_WEEK: Final = "(2 * pi() / 168)"
_YEAR: Final = "(2 * pi() / 366)"

_ORIGINAL: Final = {
    "hour": "hour(pickup_datetime)",
    "year": "year(pickup_datetime)",
    "month": "month(pickup_datetime)",
    "dayofmonth": "day(pickup_datetime)",
    "dayofweek": "{weekday}",  # Monday is 0, as in Python; Spark's own dayofweek counts from Sunday
    "late_night": "hour(pickup_datetime) <= 6 OR hour(pickup_datetime) >= 20",
    "night": "hour(pickup_datetime) BETWEEN 16 AND 20 AND {weekday} <= 4",
    "passenger_count": "passenger_count",
    "latdiff": "pickup_latitude - dropoff_latitude",
    "londiff": "pickup_longitude - dropoff_longitude",
    "euclidean": (
        f"sqrt({squared('(pickup_latitude - dropoff_latitude)')}"
        f" + {squared('(pickup_longitude - dropoff_longitude)')})"
    ),
    "manhattan": "abs(pickup_latitude - dropoff_latitude) + abs(pickup_longitude - dropoff_longitude)",
    "ploc": "pickup_latitude * pickup_longitude",
    "dloc": "dropoff_latitude * dropoff_longitude",
}
"""The fourteen of the case study."""

_BETTER: Final = {
    **{place: place for place in PLACES},
    "distance_km": f"{EARTH_KM}e0 * asin({_LENGTH})",
    "bearing_sin": f"{_EAST} / {_LENGTH}",
    "bearing_cos": f"{_NORTH} / {_LENGTH}",
    **{f"{end}_airport": airport(end) for end in ("pickup", "dropoff")},
    **{f"{end}_borough": borough(end) for end in ("pickup", "dropoff")},
    **{
        f"{end}_{name}_km": km_to(end, place)
        for name, place in CENTRES.items()
        for end in ("pickup", "dropoff")
    },
    "hour_sin": f"sin({_HOURS} * {_DAY})",
    "hour_cos": f"cos({_HOURS} * {_DAY})",
    "week_sin": f"sin(({{weekday}} * 24 + {_HOURS}) * {_WEEK})",
    "week_cos": f"cos(({{weekday}} * 24 + {_HOURS}) * {_WEEK})",
    "year_sin": f"sin(dayofyear(pickup_datetime) * {_YEAR})",
    "year_cos": f"cos(dayofyear(pickup_datetime) * {_YEAR})",
    "raised_fares": f"{_DATE} >= 20120904",
}
"""Places, the way as the crow flies, its first direction (from north, clockwise), zones, the turns of day,
week and year, and whether the fares were those of 2012-09-04 on."""

FEATURES: Final = (*_ORIGINAL, *_BETTER)
"""Every input of a model, in order."""


def made(words: Words) -> dict[str, str]:
    """SQL of an engine for each feature of a judged row, as float32."""
    weekday = words.weekday
    return {
        name: f"CAST({expression.replace('{weekday}', weekday)} AS FLOAT)"
        for name, expression in (_ORIGINAL | _BETTER).items()
    }
