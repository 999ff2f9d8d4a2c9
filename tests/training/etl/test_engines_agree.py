"""DuckDB and Spark give the same rows of the same file, whatever is in it."""

import gzip
import json
import shutil
from dataclasses import asdict
from functools import partial

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from training.errors import TripsInvalid
from training.etl import on_duckdb, on_spark
from training.etl.columns import COLUMNS
from training.etl.folder import parts
from training.etl.prepare import Engine, prepare
from training.etl.splitting import SPLITS
from training.trip_files import write

pytestmark = pytest.mark.spark

NUMBERS = [
    *("5", "5.", ".5", "+5", "-5", "5e0", "5E-1", "5e+0", "00005", " 5", "5 ", "\t5", "5\x0b", "5\x0c", '"5"', "'5'"),
    *("5f", "5d", "5D", "5F", "5L", "0x5", "0x1p3", "0b1", "1_0", "1__0", "_1", "1_", "1.5_0", "1_.5", "1e1_0", "1e"),
    *("inf", "-Infinity", "nan", "NaN", "1e400", "1e39", "3.5e38", "5 5", "5,5", "٣", "5%", "$5", "1e5.0", "e5", ".", "-"),
    *("", " ", '""', '" "', '"', "null", "NULL", "\\N", "None", "true", "5\x00", "\u00a05", "- 5", "--5", "1e-400"),
    *("0.1234567890123456789", "12.000000000000001", "249.99999999999999", "250.00000000000003", "4.9e-324"),
]  # fmt: skip
TIMES = [
    *("2013-06-05 10:10:00", "2013-06-05T10:10:00Z", "2013-06-05 10:10:00.999 UTC", '"2013-06-05 10:10:00 UTC"'),
    *("2013-06-05", "2013-06", "2013", "10:10:00", "2013-06-05 10:10", "2013-6-5 1:1:1", "2013-06-05 24:00:00"),
    *("2013-06-05 23:59:60", "2013-06-05 10:60:00", "2013-02-29 10:10:00", "2012-02-29 10:10:00", "2013-13-01 10:10:00"),
    *("2013-06-05 10: 1:00", "2013-06-05 10:10:0 ", "2013-06-05 10:10:1.", "2013-06- 5 10:10:00", " 013-06-05 10:10:00"),
    *("-013-06-05 10:10:00", "+013-06-05 10:10:00", "0000-01-01 00:00:00", "0001-01-01 00:00:00", "9999-12-31 23:59:59"),
    *("1582-10-10 10:10:00", "1970-01-01 00:00:00", "now", "today", "epoch", "infinity", "", " ", "yesterday"),
    *("2013-03-10 02:30:00", "2013-06-05 10:10:00+05", "05/06/2013 10:10:00", "2013-06-05_10:10:00"),
]  # fmt: skip
LINES = [
    "", " ", ",", ",,,,,,,", "one,2,three", "short", '"', '""', "\x00", "# comment",
    "k1,9.5,2013-06-05 10:10:00 UTC,-73.98,40.75,-73.99,40.76,1,extra",
    "k2,9.5,2013-06-05 10:10:00 UTC,-73.98,40.75,-73.99,40.76,1,",
    '"k3","9.5","2013-06-05 10:10:00 UTC","-73.98","40.75","-73.99","40.76","1"',
    '"k4,9.5,2013-06-05 10:10:00 UTC,-73.98,40.75,-73.99,40.76,1',
    'k"5,9.5,2013-06-05 10:10:00 UTC,-73.98,40.75,-73.99,40.76,1',
    " k6 , 9.5 , 2013-06-05 10:10:00 UTC , -73.98 , 40.75 , -73.99 , 40.76 , 1 ",
    'k7,"9,5",2013-06-05 10:10:00 UTC,-73.98,40.75,-73.99,40.76,1',
    "ключ ünd 🚕,9.5,2013-06-05 10:10:00 UTC,-73.98,40.75,-73.99,40.76,1",
    ",".join(COLUMNS),
    "," * 30_000,
    "k\ufffd,9.5,2013-06-05 10:10:00 UTC,-73.98,40.75,-73.99,40.76,1",
    "k8\\,9.5,2013-06-05 10:10:00 UTC,-73.98,40.75,-73.99,40.76,1",
]  # fmt: skip


@pytest.fixture(scope="module")
def spark():
    if not shutil.which("java"):
        pytest.skip("Spark needs Java, and there is none on the PATH")
    from training.etl.spark_session import session

    with session("local[2]", memory="1g") as started:
        yield Engine("Spark", partial(on_spark.run, started))


@pytest.fixture
def both(spark, tmp_path):
    """What each engine makes of a file: all that the summary counts, and all rows."""

    def run(file, **words):
        made = {}
        for name, engine in (("DuckDB", {}), ("Spark", {"engine": spark})):
            out = tmp_path / name
            summary = asdict(prepare(str(file), out, limit_bad=1, **engine, **words))
            assert summary.pop("engine") == name
            made[name] = (summary, [rows(out / f"{split}.parquet") for split in SPLITS])
        return made["DuckDB"], made["Spark"]

    return run


def rows(split):
    """Rows in order of all their columns, floats bit by bit."""
    relation = duckdb.read_parquet([str(part) for part in parts(split)])
    assert {str(kind) for kind in relation.types[3:]} == {"FLOAT"}
    return relation.order("ALL").fetchall()


def row(key, **cells):
    good = dict(
        zip(COLUMNS, f"{key},9.5,2013-06-05 10:10:00 UTC,-73.98,40.75,-73.99,40.76,1".split(","), strict=True)
    )
    return ",".join((good | cells).values())


def nasty(good_rows):
    yield from good_rows(60)
    for column in ("fare_amount", "passenger_count", "pickup_latitude"):
        yield from (row(f"{column} {n}", **{column: text}) for n, text in enumerate(NUMBERS))
    yield from (row(f"time {n}", pickup_datetime=text) for n, text in enumerate(TIMES))
    yield from LINES


def test_of_all_that_may_stand_in_a_cell_or_a_line(both, csv_file, good_rows):
    duck, spark = both(csv_file(*nasty(good_rows)))
    assert duck == spark
    assert duck[0]["kept"] > 120
    assert (
        min(duck[0]["dropped"][reason] for reason in ("broken line", "missing value", "unreadable value"))
        > 10
    )


@pytest.mark.parametrize("sample", [0, 40], ids=["all", "a sample"])
def test_duckdb_makes_the_same_of_a_file_too_large_for_its_memory(csv_file, good_rows, tmp_path, sample):
    file, made = str(csv_file(*nasty(good_rows))), []
    for name, run in (("in memory", on_duckdb.run), ("in a file", partial(on_duckdb.run, large=0))):
        summary = prepare(file, tmp_path / name, engine=Engine("DuckDB", run), sample=sample, limit_bad=1)
        made.append((summary, [rows(tmp_path / name / f"{split}.parquet") for split in SPLITS]))
    assert made[0] == made[1]
    assert {part.name for part in (tmp_path / "in a file").iterdir()} == {
        *(f"{split}.parquet" for split in SPLITS), "summary.json", "data-profile.json",
    }  # fmt: skip


def test_of_real_trips(both, real_trips):
    duck, spark = both(real_trips)
    assert duck == spark
    assert duck[0]["kept"] == 10_377


@pytest.mark.parametrize("sample", [0, 5_000], ids=["all", "a sample"])
def test_of_generated_trips(both, tmp_path, sample):
    write(tmp_path / "trips.csv", 20_000, 3, lambda _: None)
    duck, spark = both(tmp_path / "trips.csv", sample=sample)
    assert duck == spark


@pytest.mark.parametrize(
    ("ends", "name"),
    [("\n", "trips.csv.gz"), ("\r\n", "trips.csv"), ("\r", "trips.csv.gz")],
    ids=["Unix", "Windows", "old Mac"],
)
def test_of_a_file_with_a_mark_other_line_ends_and_a_name_that_lies(both, csv_file, good_rows, ends, name):
    file = csv_file(*good_rows(60), name=name)
    text = b"\xef\xbb\xbf" + file.read_text().replace("\n", ends).encode()
    file.write_bytes(text if name.endswith(".gz") else gzip.compress(text))
    duck, spark = both(file)
    assert duck == spark
    assert duck[0]["kept"] == 60


def test_of_semicolons_and_decimal_commas(both, csv_file, good_rows, tmp_path):
    plain = csv_file(*good_rows(60))
    local = tmp_path / "local.csv"
    local.write_text(plain.read_text().replace(",", ";").replace(".", ","))
    duck, spark = both(local)
    assert duck == spark
    assert duck[1] == both(plain)[0][1]


def test_of_bytes_that_are_no_text(both, csv_file, good_rows):
    file = csv_file(*good_rows(60))
    file.write_bytes(file.read_bytes() + row("k\xe9y").encode("latin-1") + b"\n" + row("fine").encode())
    duck, spark = both(file)
    assert duck == spark
    assert duck[0]["dropped"]["broken line"] == 1


def test_of_parquet_with_columns_of_their_own_kind(both, csv_file, good_rows, tmp_path):
    file = csv_file(*good_rows(60), row("nothing", fare_amount="", passenger_count=""))
    typed = (
        "left(pickup_datetime, 19)::TIMESTAMP + INTERVAL 300 MILLISECONDS AS pickup_datetime,"
        " fare_amount::FLOAT AS fare_amount, pickup_latitude::DECIMAL(9, 6) AS pickup_latitude"
    )
    duckdb.sql(f"SELECT * REPLACE ({typed}) FROM read_csv('{file}', all_varchar = true)").write_parquet(
        str(tmp_path / "trips.parquet")
    )
    duck, spark = both(tmp_path / "trips.parquet")
    assert duck == spark
    assert duck[0]["dropped"]["missing value"] == 1


@pytest.mark.parametrize("zone", [None, "UTC"], ids=["local", "in UTC"])
def test_of_moments_in_nanoseconds_as_pandas_writes_them(both, csv_file, good_rows, tmp_path, zone):
    file = csv_file(*good_rows(60), row("no time", pickup_datetime=""))
    table = duckdb.sql(f"SELECT * FROM read_csv('{file}', all_varchar = true)").to_arrow_table()
    times = pd.to_datetime(table["pickup_datetime"].to_pandas(), utc=True) + pd.Timedelta(999_999_999, "ns")
    moments = pa.array(times.dt.tz_localize(None).to_numpy(), pa.timestamp("ns", zone))
    place = table.column_names.index("pickup_datetime")
    pq.write_table(table.set_column(place, "pickup_datetime", moments), tmp_path / "trips.parquet")
    duck, spark = both(tmp_path / "trips.parquet")
    assert duck == spark
    assert duck[1] == both(csv_file(*good_rows(60)))[0][1]
    assert duck[0]["dropped"]["missing value"] == 1


@pytest.mark.parametrize(
    "name", ["_hidden.csv", ".hidden.csv", "a[1]*?{b}.csv", "co:lon.csv", "plain.csv.bz2"]
)
def test_of_a_file_of_any_name(both, csv_file, good_rows, name):
    duck, spark = both(csv_file(*good_rows(60), name=name))
    assert duck == spark
    assert duck[0]["kept"] == 60


def test_a_gzip_file_that_is_cut_short_is_refused(both, csv_file, good_rows, spark, tmp_path):
    file = csv_file(*good_rows(5_000), name="trips.csv.gz")
    file.write_bytes(gzip.compress(file.read_bytes())[:-5_000])
    for engine in ({}, {"engine": spark}):
        with pytest.raises(TripsInvalid, match="neither a CSV nor a Parquet file of trips"):
            prepare(str(file), tmp_path / "out", **engine)


def test_of_parquet_with_a_name_in_capitals_beside_the_same_name(both, csv_file, good_rows, tmp_path):
    named = f"SELECT *, 1 AS more FROM read_csv('{csv_file(*good_rows(60))}', all_varchar = true)"
    table = duckdb.sql(named).to_arrow_table()
    file = tmp_path / "trips.parquet"
    pq.write_table(table.rename_columns([*table.column_names[:-1], "KEY"]), file)
    duck, spark = both(file)
    assert duck == spark
    assert duck[0]["kept"] == 60


def test_the_profile_of_the_data_is_the_same(both, spark, csv_file, good_rows, tmp_path):
    both(csv_file(*good_rows(200)))
    duck, spark = (
        json.loads((tmp_path / name / "data-profile.json").read_text()) for name in ("DuckDB", "Spark")
    )
    assert duck["columns"] == spark["columns"]
