"""What is kept of a trip and what is made of it: the clean step and the features, each written once as SQL.

Every expression reads one typed row and nothing else, so any engine that speaks SQL can run it. Reading,
splitting and writing are `training.etl`'s; scaling is the network's, inside the logged model.
"""

from typing import Final

TARGET: Final = "fare_amount"
"""Dollars on the meter, with tolls, without surcharges, taxes or tip."""

PLACES: Final = ("pickup_longitude", "pickup_latitude", "dropoff_longitude", "dropoff_latitude")
NUMBERS: Final = (TARGET, *PLACES, "passenger_count")
COLUMNS: Final = ("key", TARGET, "pickup_datetime", *PLACES, "passenger_count")
"""The columns of Kaggle's train.csv, in its order; any others are ignored."""

REASONS: Final = {
    "missing value": "is_missing",
    "not a number": "is_unreadable",
    "coordinates outside": (
        "NOT (pickup_longitude BETWEEN -75 AND -73 AND dropoff_longitude BETWEEN -75 AND -73"
        " AND pickup_latitude BETWEEN 39 AND 42 AND dropoff_latitude BETWEEN 39 AND 42)"
    ),
    "fare outside": "NOT (fare_amount > 0 AND fare_amount <= 250)",
    "identical points": "pickup_longitude = dropoff_longitude OR pickup_latitude = dropoff_latitude",
}
"""Why a row is dropped; a row is counted under the first reason that holds."""

EARTH_KM: Final = 6371.0088
"""Mean radius (IUGG)."""

_HAVERSINE = f"""
    2 * {EARTH_KM} * asin(sqrt(least(1,
        pow(sin(radians(dropoff_latitude - pickup_latitude) / 2), 2)
        + cos(radians(pickup_latitude)) * cos(radians(dropoff_latitude))
        * pow(sin(radians(dropoff_longitude - pickup_longitude) / 2), 2))))
"""

FEATURES: Final = {
    "hour": "hour(pickup_datetime)",
    "year": "year(pickup_datetime)",
    "month": "month(pickup_datetime)",
    "dayofmonth": "day(pickup_datetime)",
    "dayofweek": "isodow(pickup_datetime) - 1",  # Monday is 0, as in Python; Spark's own counts from Sunday
    "late_night": "hour(pickup_datetime) <= 6 OR hour(pickup_datetime) >= 20",
    "night": "hour(pickup_datetime) BETWEEN 16 AND 20 AND isodow(pickup_datetime) <= 5",
    "passenger_count": "passenger_count",
    "latdiff": "pickup_latitude - dropoff_latitude",
    "londiff": "pickup_longitude - dropoff_longitude",
    "euclidean": (
        "sqrt(pow(pickup_latitude - dropoff_latitude, 2) + pow(pickup_longitude - dropoff_longitude, 2))"
    ),
    "manhattan": "abs(pickup_latitude - dropoff_latitude) + abs(pickup_longitude - dropoff_longitude)",
    "ploc": "pickup_latitude * pickup_longitude",
    "dloc": "dropoff_latitude * dropoff_longitude",
    **{place: place for place in PLACES},
    "distance_km": _HAVERSINE,
}
"""Every input of a model, in order: the fourteen of the original case study, the places, the distance."""
