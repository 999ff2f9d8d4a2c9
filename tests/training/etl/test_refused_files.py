"""Files that are none of trips, or of too few: refused as a whole, with why and what to do."""

import bz2
import gzip
import lzma
import re

import duckdb
import pytest

from tests.training.conftest import GOOD, spoilt
from training.errors import TripsInvalid
from training.etl.columns import COLUMNS
from training.etl.prepare import prepare


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"", "is empty", id="empty file"),
        pytest.param(",".join(COLUMNS).encode() + b"\n", "a header and no trips", id="header only"),
        pytest.param(bytes(range(256)) * 50, "neither a CSV nor a Parquet", id="binary"),
        pytest.param(b"\x1f\x8b\x08\x00" + b"\0" * 90, "a damaged gzip file", id="no gzip but its mark"),
        pytest.param(gzip.compress(GOOD.encode() * 900)[:40], "a damaged gzip file", id="gzip cut short"),
        pytest.param(b"PK\x03\x04" + b"\0" * 90, "an Excel workbook", id="Excel"),
        pytest.param("|".join(COLUMNS).encode(), r"found: key\|fare_amount\|", id="bars for commas"),
        pytest.param(b"PAR1 and then nothing", "neither a CSV nor a Parquet", id="broken Parquet"),
        pytest.param(b"hello\nworld\n", "found: hello", id="prose"),
        pytest.param(",".join(COLUMNS).encode("utf-16"), "save it as UTF-8", id="UTF-16, as of Windows"),
        pytest.param(bz2.compress(GOOD.encode()), "packed by bzip2", id="bzip2"),
        pytest.param(lzma.compress(GOOD.encode()), "packed by xz", id="xz"),
        pytest.param(b"\x28\xb5\x2f\xfd" + b"\0" * 90, "packed by Zstandard", id="Zstandard"),
        pytest.param(
            ",".join([*COLUMNS, "more" * 20_000]).encode(),
            "first line is longer than 64 KB",
            id="long header",
        ),
        pytest.param(b"key,fare\na,1\n", "lacks fare_amount, pickup_datetime", id="columns missing"),
        pytest.param(
            (
                ",".join(COLUMNS) + "\n" + spoilt(fare_amount="-5") + "\n" + spoilt(fare_amount="x") + "\n"
            ).encode(),
            "no valid row: of 2, 1 unreadable value, 1 fare outside",
            id="no valid row",
        ),
        pytest.param((",".join(COLUMNS) + "\n" + GOOD + "\n").encode(), "too few valid rows", id="one row"),
    ],
)
def test_a_file_that_cannot_be_used_says_why_and_leaves_nothing(tmp_path, content, says):
    file = tmp_path / "trips.csv"
    file.write_bytes(content)
    with pytest.raises(TripsInvalid, match=says):
        prepare(str(file), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["nowhere.csv", "."], ids=["not there", "a folder"])
def test_what_cannot_be_opened_is_named(tmp_path, name):
    with pytest.raises(TripsInvalid, match="cannot read"):
        prepare(str(tmp_path / name), tmp_path / "out")


@pytest.mark.parametrize("kind", ["DOUBLE[]", "TIMESTAMP[]", "BOOLEAN", "STRUCT(a DOUBLE)"])
def test_parquet_of_a_kind_that_is_no_fare_is_refused_by_its_name(csv_file, good_rows, tmp_path, kind):
    file = tmp_path / "trips.parquet"
    plain = f"FROM read_csv('{csv_file(*good_rows(40))}', all_varchar = true)"
    duckdb.sql(f"SELECT * REPLACE (NULL::{kind} AS fare_amount) {plain}").write_parquet(str(file))
    with pytest.raises(TripsInvalid, match=re.escape(f"holds {kind} in fare_amount")):
        prepare(str(file), tmp_path / "out")


def test_above_the_limit_of_bad_rows_the_file_is_refused_with_the_reasons(csv_file, good_rows, tmp_path):
    bad = [spoilt(fare_amount="-5")] * 20 + [spoilt(pickup_latitude="0")] * 15 + ["short"] * 5
    file = str(csv_file(*good_rows(60), *bad))
    with pytest.raises(
        TripsInvalid, match=r"40 of 100 rows \(40%\).*allows 25%; 5 broken line, 15 coord.*20 fare"
    ):
        prepare(file, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert prepare(file, tmp_path / "out", limit_bad=0.4).kept == 60


def test_a_target_that_is_constant_is_refused(csv_file, good_rows, tmp_path):
    rows = (",".join([row.split(",")[0], "9.5", *row.split(",")[2:]]) for row in good_rows(60))
    with pytest.raises(TripsInvalid, match=r"one fare for all of its 60 valid trips, 9\.5 dollars"):
        prepare(str(csv_file(*rows)), tmp_path / "out")


def test_decimal_commas_among_commas_are_refused_as_broken_lines(csv_file, good_rows, tmp_path):
    rows = (row.replace(".5,", ",5,", 1) for row in good_rows(60))
    with pytest.raises(TripsInvalid, match="no valid row: of 60, 60 broken line"):
        prepare(str(csv_file(*rows)), tmp_path / "out")
