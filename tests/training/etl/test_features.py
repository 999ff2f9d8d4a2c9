"""Features against values worked out by hand."""

import math

import duckdb
import pytest

from training.etl.boroughs import BOROUGHS
from training.etl.cleaning import REASONS
from training.etl.features import FEATURES
from training.etl.features import made as sql
from training.etl.words import DUCKDB


def made(feature, **trip):
    row = {
        "pickup_datetime": "2013-06-05 10:10:00", "passenger_count": 1, "fare_amount": 9.5,
        "pickup_longitude": -73.98, "pickup_latitude": 40.75, "dropoff_longitude": -73.99, "dropoff_latitude": 40.76,
    } | trip  # fmt: skip
    time = row.pop("pickup_datetime")
    columns = ", ".join(f"{value}::DOUBLE AS {name}" for name, value in row.items())
    query = f"SELECT CAST({sql(DUCKDB)[feature]} AS DOUBLE) FROM (SELECT {columns}, TIMESTAMP '{time}' AS pickup_datetime)"
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


def test_the_way_begins_in_its_first_direction():
    east = {"dropoff_longitude": -73.97, "dropoff_latitude": 40.75}
    assert made("bearing_sin", **east) == pytest.approx(1, abs=1e-4)
    assert made("bearing_cos", **east) == pytest.approx(0, abs=1e-3)
    assert made("bearing_cos", dropoff_longitude=-73.98, dropoff_latitude=40.7) == -1


@pytest.mark.parametrize(
    ("longitude", "latitude", "borough", "airport"),
    [
        pytest.param(-73.9855, 40.7580, "Manhattan", 0, id="Times Square"),
        pytest.param(-74.0090, 40.7065, "Manhattan", 0, id="Wall Street"),
        pytest.param(-73.9780, 40.7125, "Manhattan", 0, id="Corlears Hook"),
        pytest.param(-73.9680, 40.7490, "Manhattan", 0, id="United Nations"),
        pytest.param(-73.9210, 40.8680, "Manhattan", 0, id="Inwood"),
        pytest.param(-73.9510, 40.7610, "Manhattan", 0, id="Roosevelt Island"),
        pytest.param(-73.9750, 40.6826, "Brooklyn", 0, id="Barclays Center"),
        pytest.param(-73.9510, 40.7304, "Brooklyn", 0, id="Greenpoint"),
        pytest.param(-73.9890, 40.7033, "Brooklyn", 0, id="Dumbo"),
        pytest.param(-73.9770, 40.5750, "Brooklyn", 0, id="Coney Island"),
        pytest.param(-73.9485, 40.7447, "Queens", 0, id="Long Island City"),
        pytest.param(-73.9060, 40.7044, "Queens", 0, id="Ridgewood"),
        pytest.param(-73.7822, 40.6450, "Queens", 1, id="JFK"),
        pytest.param(-73.8722, 40.7740, "Queens", 2, id="LaGuardia"),
        pytest.param(-74.1780, 40.6925, None, 3, id="Newark"),
        pytest.param(-73.9262, 40.8296, "Bronx", 0, id="Yankee Stadium"),
        pytest.param(-73.9200, 40.8090, "Bronx", 0, id="Mott Haven"),
        pytest.param(-74.0765, 40.6437, "Staten Island", 0, id="St George"),
        pytest.param(-74.0320, 40.7440, None, 0, id="Hoboken"),
        pytest.param(-74.0450, 40.7170, None, 0, id="Jersey City"),
        pytest.param(-73.8988, 40.9312, None, 0, id="Yonkers"),
        pytest.param(-73.9700, 40.8510, None, 0, id="Fort Lee"),
    ],
)
@pytest.mark.parametrize("end", ["pickup", "dropoff"])
def test_zones_are_where_new_yorkers_say_they_are(end, longitude, latitude, borough, airport):
    place = {f"{end}_longitude": longitude, f"{end}_latitude": latitude}
    assert made(f"{end}_borough", **place) == (BOROUGHS.index(borough) + 1 if borough else 0)
    assert made(f"{end}_airport", **place) == airport


def test_distances_to_the_centres_are_those_of_the_great_circle():
    wall_street = {"pickup_longitude": -74.0095, "pickup_latitude": 40.7075}
    assert made("pickup_downtown_km", **wall_street) == 0
    assert made("pickup_midtown_km", **wall_street) == pytest.approx(6.035, rel=0.01)


def test_times_go_round():
    evening, midnight = ({"pickup_datetime": f"2013-06-0{day}"} for day in ("9 23:59:00", "3 00:00:00"))
    for turn in ("hour", "week"):
        for wave in ("sin", "cos"):
            assert made(f"{turn}_{wave}", **evening) == pytest.approx(
                made(f"{turn}_{wave}", **midnight), abs=0.01
            )
    assert made("hour_sin", pickup_datetime="2013-06-05 06:00:00") == pytest.approx(1)
    assert made("year_cos", pickup_datetime="2012-12-31 06:00:00") == pytest.approx(1)


@pytest.mark.parametrize(("day", "raised"), [("2012-09-03 23:59:59", 0), ("2012-09-04 00:00:00", 1)])
def test_fares_were_raised_on_one_day(day, raised):
    assert made("raised_fares", pickup_datetime=day) == raised


def test_the_fourteen_of_the_case_study_come_first():
    assert FEATURES[:3] == ("hour", "year", "month")
    assert FEATURES[13] == "dloc"
    assert len(FEATURES) == 36
    assert REASONS[0] == "broken line"
