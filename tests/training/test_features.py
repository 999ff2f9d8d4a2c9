"""Features against values worked out by hand."""

import math

import duckdb
import pytest

from training.features import FEATURES, REASONS


def made(feature, **trip):
    row = {
        "pickup_datetime": "2013-06-05 10:10:00", "passenger_count": 1, "fare_amount": 9.5,
        "pickup_longitude": -73.98, "pickup_latitude": 40.75, "dropoff_longitude": -73.99, "dropoff_latitude": 40.76,
    } | trip  # fmt: skip
    time = row.pop("pickup_datetime")
    columns = ", ".join(f"{value}::DOUBLE AS {name}" for name, value in row.items())
    query = f"SELECT CAST({FEATURES[feature]} AS DOUBLE) FROM (SELECT {columns}, TIMESTAMP '{time}' AS pickup_datetime)"
    return duckdb.sql(query).fetchall()[0][0]


@pytest.mark.parametrize(
    ("time", "dayofweek", "night", "late_night"),
    [
        pytest.param("2013-06-03 15:59:59", 0, 0, 0, id="Monday before four"),
        pytest.param("2013-06-03 16:00:00", 0, 1, 0, id="Monday four"),
        pytest.param("2013-06-07 20:30:00", 4, 1, 1, id="Friday half past eight"),
        pytest.param("2013-06-07 21:00:00", 4, 0, 1, id="Friday nine"),
        pytest.param("2013-06-08 18:00:00", 5, 0, 0, id="Saturday six"),
        pytest.param("2013-06-09 00:00:00", 6, 0, 1, id="Sunday midnight"),
        pytest.param("2013-06-09 06:59:00", 6, 0, 1, id="Sunday before seven"),
        pytest.param("2013-06-09 07:00:00", 6, 0, 0, id="Sunday seven"),
    ],
)
def test_days_count_from_monday_and_nights_are_weekday_evenings(time, dayofweek, night, late_night):
    found = [made(name, pickup_datetime=time) for name in ("dayofweek", "night", "late_night")]
    assert found == [dayofweek, night, late_night]


@pytest.mark.parametrize(
    ("ends", "km"),
    [
        pytest.param((-73.0, 40.0, -73.0, 41.0), 111.1951, id="one degree north"),
        pytest.param((-74.0, 0.0, -73.0, 0.0), 111.1951, id="one degree along the equator"),
        pytest.param((-73.9857, 40.7484, -73.7781, 40.6413), 21.1687, id="Empire State Building to JFK"),
        pytest.param((-73.98, 40.75, -73.98, 40.75), 0.0, id="nowhere"),
    ],
)
def test_distance_is_the_great_circle_in_kilometres(ends, km):
    names = ("pickup_longitude", "pickup_latitude", "dropoff_longitude", "dropoff_latitude")
    assert made("distance_km", **dict(zip(names, ends, strict=True))) == pytest.approx(km, abs=0.02)


def test_the_pickup_time_is_taken_apart():
    names = ("year", "month", "dayofmonth", "hour")
    assert [made(name, pickup_datetime="2012-09-04 05:06:07") for name in names] == [2012, 9, 4, 5]


def test_the_geometry_of_the_case_study():
    assert made("latdiff") == pytest.approx(-0.01)
    assert made("londiff") == pytest.approx(0.01)
    assert made("euclidean") == pytest.approx(0.01 * math.sqrt(2))
    assert made("manhattan") == pytest.approx(0.02)
    assert made("ploc") == pytest.approx(40.75 * -73.98)
    assert made("dloc") == pytest.approx(40.76 * -73.99)


def test_there_are_the_fourteen_features_and_five_more():
    assert len(FEATURES) == 19
    assert next(iter(REASONS)) == "missing value"
