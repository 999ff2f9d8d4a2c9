"""Trips as rows of a CSV, one good trip to be spoilt, and real trips where they are there."""

from pathlib import Path

import pytest

REAL = Path(__file__).parents[3] / "shared" / "data" / "nyc_taxi_trips_10k.csv"
HEADER = (
    "key,fare_amount,pickup_datetime,pickup_longitude,pickup_latitude,"
    "dropoff_longitude,dropoff_latitude,passenger_count"
)
GOOD = "spoilt,9.5,2013-06-05 10:10:00 UTC,-73.98,40.75,-73.99,40.76,1"


def spoilt(**cells):
    row = dict(zip(HEADER.split(","), GOOD.split(","), strict=True)) | cells
    return ",".join(row.values())


@pytest.fixture
def good_rows():
    def rows(count):
        return [
            f"trip {n},{4 + n % 30}.5,2013-06-0{1 + n % 9} {n % 24:02}:10:00 UTC,"
            f"-73.98{n % 10},40.755,-73.991,40.7{n % 5}1,1"
            for n in range(count)
        ]

    return rows


@pytest.fixture
def csv_file(tmp_path):
    def write(*rows, header=HEADER, name="trips.csv"):
        file = tmp_path / name
        file.write_text("\n".join([header, *rows]) + "\n")
        return file

    return write


@pytest.fixture
def real_trips():
    if not REAL.exists():
        pytest.skip(f"the real trips are not beside this checkout ({REAL})")
    return REAL
