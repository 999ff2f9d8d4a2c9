"""Generated trips: the rules of the meter, the dirt, and how hard they are."""

import os
import signal
import stat
import subprocess
import sys
import time

import duckdb
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from gatehouse.cli import main as gatehouse
from training import journeys, meter, oracle
from training.etl.columns import COLUMNS
from training.etl.prepare import prepare
from training.generate import main as generate_command
from training.trip_files import BATCH, write
from training.trips import DIRT, generate

BEFORE, AFTER = np.datetime64("2012-09-03T23:59:59"), np.datetime64("2012-09-04T00:00:00")


@pytest.fixture(scope="module")
def trips():
    return generate(60_000, np.random.default_rng(11))


@pytest.mark.parametrize(
    ("start", "miles", "mph", "dollars"),
    [
        pytest.param(BEFORE, 0.0, 12, 2.50, id="nowhere: the drop"),
        pytest.param(
            BEFORE, 2.05, 60, 2.50 + 9 * 0.40, id="two miles at 60 mph: ten fifths, one in the drop"
        ),
        pytest.param(AFTER, 2.05, 60, 2.50 + 9 * 0.50, id="the same from 4 September 2012"),
        pytest.param(AFTER, 2.0, 4.5, 2.50 + 26 * 0.50, id="two miles in a jam: mostly minutes"),
    ],
)
def test_the_meter_by_hand(start, miles, mph, dollars):
    shown = meter.metered(np.array([start]), np.array([miles]), np.array([float(mph)]))
    assert shown[0] == pytest.approx(dollars)


@given(
    miles=st.floats(0, 60),
    mph=st.floats(1, 70),
    day=st.integers(0, journeys._DAYS - 1),
    less=st.floats(0.1, 1),
)
def test_the_meter_stays_on_its_grid_and_never_falls_with_the_miles(miles, mph, day, less):
    start = np.repeat(journeys._FIRST + np.timedelta64(day, "D"), 2)
    shown = meter.metered(start, np.array([miles * less, miles]), np.array([mph, mph]))
    units = (shown - meter.DROP) / meter.unit_price(start)
    assert units == pytest.approx(np.round(units), abs=1e-9)
    assert shown[0] <= shown[1]


@pytest.mark.parametrize(
    ("day", "dollars"),
    [("2009-05-01", 4.57), ("2012-05-01", 4.80), ("2014-12-31", 5.33), ("2015-01-01", 5.54)],
)
def test_tolls_rise_with_the_years(day, dollars):
    assert meter.toll(np.array([np.datetime64(day)]))[0] == dollars


def test_same_seed_same_trips():
    one, two = (generate(500, np.random.default_rng(3)) for _ in range(2))
    assert all(
        np.array_equal(one[name], two[name], equal_nan=name not in {"key", "pickup_datetime"}) for name in one
    )


def test_nine_of_ten_fares_are_on_the_grid_of_their_time(trips):
    start, fare = trips["pickup_datetime"], trips["fare_amount"]
    units = (fare - 2.5) / np.where(start < AFTER, 0.4, 0.5)
    on_grid = np.abs(units - np.round(units)) < 1e-6
    assert 0.93 < on_grid.mean() < 0.99


@pytest.mark.parametrize(("dollars", "since"), [(45.0, BEFORE), (52.0, AFTER)])
def test_jfk_is_flat(dollars, since):
    drawn = journeys.draw(20_000, np.random.default_rng(1))
    assert meter.jfk_flat(np.array([since]))[0] == dollars
    assert 0.01 < ((drawn.touches == journeys.JFK) & drawn.in_manhattan).mean() < 0.025


def test_traffic_follows_the_hours(trips):
    hour = trips["pickup_datetime"].astype("datetime64[h]").astype(int) % 24
    counts = np.bincount(hour, minlength=24)
    assert (counts.argmin(), counts.argmax()) == (5, 19)


def test_dirt_comes_in_the_shares_it_is_meant_to(trips):
    zero = (trips["dropoff_longitude"] == 0) & (trips["dropoff_latitude"] == 0)
    empty_cab = trips["passenger_count"] == 0
    assert zero.mean() == pytest.approx(DIRT["zero coordinates"], rel=0.15)
    assert empty_cab.mean() == pytest.approx(DIRT["no passenger"], rel=0.35)
    assert (trips["fare_amount"] <= 0).any()
    assert (trips["fare_amount"] == 54_343).sum() <= 10


def test_the_file_is_as_kaggles_and_passes_the_etl(tmp_path):
    write(tmp_path / "trips.csv", 5_000, 11, lambda _: None)
    header, first = (tmp_path / "trips.csv").read_text().splitlines()[:2]
    assert header == ",".join(COLUMNS)
    assert first.split(",")[0].endswith(".0000000")
    assert first.split(",")[2].endswith(" UTC")
    summary = prepare(str(tmp_path / "trips.csv"), tmp_path / "out")
    assert summary.read == 5_000
    assert 0.02 < 1 - summary.kept / summary.read < 0.045


def test_a_straight_line_is_about_as_bad_as_on_real_trips(tmp_path):
    write(tmp_path / "trips.csv", 60_000, 11, lambda _: None)
    prepare(str(tmp_path / "trips.csv"), tmp_path / "out")
    rows = duckdb.read_parquet(str(tmp_path / "out" / "*.parquet")).fetchnumpy()
    km, fare = rows["distance_km"].astype("float64"), rows["fare_amount"]
    slope, intercept = np.polyfit(km, fare, 1)
    error = slope * km + intercept - fare
    rmse, mae = np.sqrt(np.mean(error**2)), np.mean(np.abs(error))
    # The real 10,377 trips, fitted the same way: 5.61 and 2.49, at a mean fare of 11.35 and a spread of 9.87.
    assert 5.0 < rmse < 6.2
    assert 2.2 < mae < 2.8
    assert 10.5 < fare.mean() < 12
    assert 8.8 < fare.std() < 10.8


def test_a_file_of_several_batches_is_whole_and_the_same_for_the_same_seed(tmp_path):
    rows, told = 2 * BATCH + 10, []
    for name in ("one.parquet", "two.parquet"):
        write(tmp_path / name, rows, 5, told.append)
    assert told == [BATCH, BATCH, 10] * 2
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
    keys = f"SELECT count(DISTINCT key), count(DISTINCT left(key, 19)) FROM '{tmp_path / 'one.parquet'}'"
    assert duckdb.sql(keys).fetchall()[0][0] == rows
    assert [file.name for file in sorted(tmp_path.iterdir())] == ["one.parquet", "two.parquet"]


def test_parquet_and_csv_hold_the_same_trips(tmp_path):
    for name in ("trips.csv", "trips.parquet"):
        write(tmp_path / name, 3_000, 5, lambda _: None)
    one, two = (
        prepare(str(tmp_path / name), tmp_path / name.replace(".", "-"))
        for name in ("trips.csv", "trips.parquet")
    )
    assert (one.dropped, one.rows) == (two.dropped, two.rows)


@pytest.mark.parametrize("name", ["gatehouse", "the trainer's own"])
def test_the_command_writes_a_file_and_says_so(tmp_path, name):
    command, words = (gatehouse, ["trips", "generate"]) if name == "gatehouse" else (generate_command, [])
    ran = CliRunner().invoke(command, [*words, "--rows", "50", "--out", str(tmp_path / "trips.csv")])
    assert ran.exit_code == 0
    assert "50 trips in" in ran.output
    assert len((tmp_path / "trips.csv").read_text().splitlines()) == 51


def test_a_place_that_cannot_be_written_to_is_said(tmp_path):
    (tmp_path / "file").touch()
    ran = CliRunner().invoke(generate_command, ["--out", str(tmp_path / "file" / "trips.csv")])
    assert ran.exit_code == 3
    assert "cannot write" in ran.output


def test_what_is_no_file_is_not_replaced_by_one(tmp_path):
    os.mkfifo(tmp_path / "trips.csv")
    ran = CliRunner().invoke(generate_command, ["--rows", "5", "--out", str(tmp_path / "trips.csv")])
    assert ran.exit_code == 3
    assert "is no file" in ran.output
    assert stat.S_ISFIFO((tmp_path / "trips.csv").stat().st_mode)
    assert len(list(tmp_path.iterdir())) == 1


def test_a_link_goes_on_to_lead_to_the_file(tmp_path):
    (tmp_path / "trips.csv").symlink_to(tmp_path / "there.csv")
    write(tmp_path / "trips.csv", 5, 5, lambda _: None)
    assert (tmp_path / "trips.csv").is_symlink()
    assert len((tmp_path / "there.csv").read_text().splitlines()) == 6


@pytest.mark.parametrize("name", ["trips.csv.gz", "trips", "trips.parquet.zst"])
def test_a_name_that_would_lie_is_refused(tmp_path, name):
    ran = CliRunner().invoke(generate_command, ["--rows", "5", "--out", str(tmp_path / name)])
    assert ran.exit_code == 2
    assert "must end with .csv or .parquet" in ran.output
    assert not list(tmp_path.iterdir())


def test_capitals_say_the_same(tmp_path):
    write(tmp_path / "trips.PARQUET", 5, 5, lambda _: None)
    assert (tmp_path / "trips.PARQUET").read_bytes()[:4] == b"PAR1"


@pytest.mark.parametrize(
    ("sent", "code"), [(signal.SIGTERM, 130), (signal.SIGKILL, -9)], ids=["stop", "kill"]
)
def test_whoever_ends_it_leaves_no_process_and_no_file_of_that_name(tmp_path, sent, code):
    options = ["--rows", "50000000", "--out", str(tmp_path / "trips.csv")]
    with subprocess.Popen(
        [sys.executable, "-m", "training.generate", *options], stderr=subprocess.PIPE, text=True
    ) as process:
        while not any(file.stat().st_size > 1_000 for file in tmp_path.iterdir()):
            assert process.poll() is None
            time.sleep(0.1)
        process.send_signal(sent)
        said = process.stderr.read()  # to its end: so the processes that write to it, too, are gone
    assert process.returncode == code
    assert ("nothing is written to" in said) is (sent == signal.SIGTERM)
    assert not (tmp_path / "trips.csv").exists()
    assert len(list(tmp_path.iterdir())) == (sent == signal.SIGKILL)


def test_whoever_knows_the_rules_is_near_the_noise_and_far_from_a_straight_line():
    rows = 40_000
    trips, truth = (make(rows, np.random.default_rng(21)) for make in (generate, journeys.draw))
    floor = oracle.averaged(truth, np.random.default_rng(1), 20)
    guess = oracle.expected_fares(trips, np.random.default_rng(2))
    miles = np.abs(trips["pickup_longitude"] - trips["dropoff_longitude"]) + np.abs(
        trips["pickup_latitude"] - trips["dropoff_latitude"]
    )
    fare = trips["fare_amount"]
    good = (
        (fare > 0)
        & (fare <= 250)
        & (trips["pickup_latitude"] > 39)
        & (trips["dropoff_latitude"] > 39)
        & (miles > 0)
    )
    slope, intercept = np.polyfit(miles[good], fare[good], 1)
    floor_rmse, oracle_rmse, line_rmse = (
        np.sqrt(np.mean((made - fare)[good] ** 2)) for made in (floor, guess, slope * miles + intercept)
    )
    assert floor_rmse <= oracle_rmse < 1.1 * floor_rmse, (floor_rmse, oracle_rmse, line_rmse)
    assert line_rmse > 1.2 * oracle_rmse, (floor_rmse, oracle_rmse, line_rmse)
