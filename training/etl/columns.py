"""The columns of a file of trips, and the names that the steps of the ETL pass on. Pure."""

from typing import Final

KEY: Final = "key"
TARGET: Final = "fare_amount"
"""Dollars on the meter, with tolls, without surcharges, taxes or tip."""
TIME: Final = "pickup_datetime"
PLACES: Final = ("pickup_longitude", "pickup_latitude", "dropoff_longitude", "dropoff_latitude")
NUMBERS: Final = (TARGET, *PLACES, "passenger_count")
COLUMNS: Final = (KEY, TARGET, TIME, *PLACES, "passenger_count")
"""The columns of Kaggle's train.csv, in its order; any others are ignored."""

BROKEN: Final = "is_broken"
"""Of a row of the file: it had too few or too many cells, or was no text."""
REASON: Final = "reason"
"""Of a judged row: the place in `cleaning.REASONS` of why it is dropped; NULL where it is kept."""
SPLIT: Final = "split"
"""Of a judged row: the place in `splitting.SPLITS` of the split that its key falls to."""
