"""From files of trips, good and bad, to splits."""

import gzip
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import duckdb
import fsspec
import pytest
from click.testing import CliRunner

from registry.profiles import read_profile
from tests.training.conftest import GOOD, spoilt
from training.errors import TripsInvalid
from training.etl.__main__ import main
from training.etl.features import FEATURES
from training.etl.prepare import prepare
from training.etl.splitting import SPLITS


def kept(folder):
    files = [str(folder / f"{split}.parquet") for split in SPLITS]
    return duckdb.read_parquet(files).order("key")


def by_key(folder):
    return {
        key: split
        for split in SPLITS
        for (key,) in duckdb.read_parquet(str(folder / f"{split}.parquet")).select("key").fetchall()
    }


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        pytest.param(spoilt(fare_amount=""), "missing value", id="empty fare"),
        pytest.param(spoilt(key=""), "missing value", id="empty key"),
        pytest.param(spoilt(dropoff_latitude='""'), "missing value", id="quoted nothing"),
        pytest.param(spoilt(pickup_datetime=" "), "missing value", id="blank time"),
        pytest.param(spoilt(fare_amount="cheap"), "unreadable value", id="text for a fare"),
        pytest.param(spoilt(pickup_latitude="nan"), "unreadable value", id="NaN"),
        pytest.param(spoilt(passenger_count="1e300"), "unreadable value", id="more than a float32 holds"),
        pytest.param(spoilt(pickup_datetime="yesterday"), "unreadable value", id="text for a time"),
        pytest.param(spoilt(pickup_datetime="2013-02-30 10:00:00 UTC"), "unreadable value", id="30 February"),
        pytest.param(spoilt(pickup_longitude="0", pickup_latitude="0"), "coordinates outside", id="0,0"),
        pytest.param(spoilt(dropoff_longitude="-72.9"), "coordinates outside", id="in the Sound"),
        pytest.param(spoilt(fare_amount="-5"), "fare outside", id="-5 dollars"),
        pytest.param(spoilt(fare_amount="0"), "fare outside", id="no dollars"),
        pytest.param(spoilt(fare_amount="54343"), "fare outside", id="54,343 dollars"),
        pytest.param(spoilt(dropoff_longitude="-73.98"), "identical points", id="same longitude"),
        pytest.param("one,2,three", "broken line", id="line too short"),
        pytest.param(GOOD + ",more,still more", "broken line", id="line too long"),
        pytest.param(spoilt(fare_amount='"9.5'), None, id="stray quote is only that"),
        pytest.param(spoilt(fare_amount="250"), None, id="250 dollars are allowed"),
        pytest.param(spoilt(passenger_count="0"), None, id="no passenger is kept"),
    ],
)
def test_a_bad_row_costs_itself_only_and_is_counted(csv_file, good_rows, tmp_path, row, reason):
    good = good_rows(40)
    summary = prepare(str(csv_file(*good[:20], row, *good[20:])), tmp_path / "out")
    assert summary.read == 41
    assert {name: rows for name, rows in summary.dropped.items() if rows} == ({reason: 1} if reason else {})
    assert summary.kept == len(kept(tmp_path / "out").fetchall()) == (40 if reason else 41)


def test_line_ends_byte_order_mark_and_further_columns_do_not_matter(csv_file, good_rows, tmp_path):
    plain = csv_file(*good_rows(40))
    lines = plain.read_text().splitlines()
    odd = tmp_path / "odd.csv"
    odd.write_bytes(b"\xef\xbb\xbf" + "".join(f"{line},split,,\r\n" for line in lines).encode())
    prepare(str(plain), tmp_path / "a")
    prepare(str(odd), tmp_path / "b")
    assert kept(tmp_path / "a").fetchall() == kept(tmp_path / "b").fetchall()


@pytest.mark.parametrize(
    "written",
    [gzip.compress, lambda text: text.replace(b"\n", b"\r")],
    ids=["gzipped, whatever its name", "lines that end as on an old Mac"],
)
def test_the_same_trips_written_otherwise_are_the_same(csv_file, good_rows, tmp_path, written):
    plain = csv_file(*good_rows(40))
    odd = tmp_path / "odd.csv"
    odd.write_bytes(written(plain.read_bytes()))
    prepare(str(plain), tmp_path / "a")
    prepare(str(odd), tmp_path / "b")
    assert kept(tmp_path / "a").fetchall() == kept(tmp_path / "b").fetchall()


def test_parquet_gives_the_same_rows_as_csv(csv_file, good_rows, tmp_path):
    file = csv_file(*good_rows(40))
    duckdb.sql(
        f"SELECT * REPLACE (left(pickup_datetime::VARCHAR, 19)::TIMESTAMP AS pickup_datetime) FROM read_csv('{file}')"
    ).write_parquet(str(tmp_path / "trips.parquet"))
    prepare(str(file), tmp_path / "a")
    prepare(str(tmp_path / "trips.parquet"), tmp_path / "b")
    assert kept(tmp_path / "a").fetchall() == kept(tmp_path / "b").fetchall()


def test_a_trip_stays_in_its_split_when_the_file_grows(csv_file, good_rows, tmp_path):
    prepare(str(csv_file(*good_rows(50))), tmp_path / "few")
    prepare(str(csv_file(*good_rows(900))), tmp_path / "many")
    few, many = by_key(tmp_path / "few"), by_key(tmp_path / "many")
    assert few.items() <= many.items()
    shares = {split: list(many.values()).count(split) / 900 for split in SPLITS}
    assert shares == pytest.approx(SPLITS, abs=0.05)


def test_the_split_of_a_key_never_changes(csv_file, good_rows, tmp_path):
    prepare(str(csv_file(*good_rows(60))), tmp_path / "out")
    for key, split in by_key(tmp_path / "out").items():
        bits = int(hashlib.md5(key.encode()).hexdigest()[:8], 16) / 2**32
        assert split == ("train" if bits < 0.6 else "validation" if bits < 0.75 else "holdout")


def test_the_summary_stands_beside_the_splits_and_nothing_else(csv_file, good_rows, tmp_path):
    summary = prepare(str(csv_file(*good_rows(40))), tmp_path / "out")
    prepare(str(csv_file(*good_rows(40))), tmp_path / "out")
    written = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert written["rows"] == summary.rows
    assert len(written["input_sha256"]) == 64
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "data-profile.json", "holdout.parquet", "summary.json", "train.parquet", "validation.parquet",
    ]  # fmt: skip


def test_every_feature_is_a_float32_and_none_is_missing(csv_file, good_rows, tmp_path):
    prepare(str(csv_file(*good_rows(40))), tmp_path / "out")
    rows = kept(tmp_path / "out")
    types = dict(zip(rows.columns, map(str, rows.types), strict=True))
    assert {types[name] for name in FEATURES} == {"FLOAT"}
    assert types["pickup_datetime"] == "TIMESTAMP"
    assert all(None not in row for row in rows.fetchall())


def test_the_real_trips_lose_99_rows(real_trips, tmp_path):
    summary = prepare(str(real_trips), tmp_path / "out")
    assert (summary.read, summary.kept) == (10_476, 10_377)


@pytest.mark.parametrize(
    ("trips", "code", "says"),
    [("trips.csv", 0, "40 trips read, 40 kept"), ("nowhere.csv", 2, "cannot read")],
    ids=["good file", "no file"],
)
def test_the_command_ends_with_the_code_of_what_happened(csv_file, good_rows, tmp_path, trips, code, says):
    csv_file(*good_rows(40))
    ran = CliRunner().invoke(main, ["--data", str(tmp_path / trips), "--out", str(tmp_path / "out")])
    assert ran.exit_code == code
    assert says in ran.output


def test_a_sample_is_about_as_large_as_asked_for_counted_and_part_of_a_larger_one(
    csv_file, good_rows, tmp_path
):
    file = csv_file(*good_rows(900))
    few, more = (prepare(str(file), tmp_path / str(size), sample=size) for size in (200, 500))
    assert 150 < few.kept < 250
    assert few.dropped["not in the sample"] == 900 - few.kept
    assert by_key(tmp_path / "200").items() <= by_key(tmp_path / "500").items()
    assert more.rows["train"] > more.rows["holdout"] > more.rows["validation"]


def test_a_sample_larger_than_the_file_is_the_file(csv_file, good_rows, tmp_path):
    assert prepare(str(csv_file(*good_rows(40))), tmp_path / "out", sample=100).kept == 40


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.9], ids=["few", "half", "nearly all of its cells"])
def test_a_broken_last_line_costs_itself_only(csv_file, good_rows, tmp_path, cut):
    file = csv_file(*good_rows(41))
    text = file.read_text().rstrip("\n")
    last = text.rindex("\n") + 1
    file.write_text(text[: last + int((len(text) - last) * cut)])
    summary = prepare(str(file), tmp_path / "out")
    assert (summary.kept, summary.read) == (40, 41)


@pytest.mark.parametrize("delimiter", [";", "\t"], ids=["semicolons", "tabs"])
def test_decimal_commas_are_read_where_the_cells_are_not_parted_by_commas(
    csv_file, good_rows, tmp_path, delimiter
):
    plain = csv_file(*good_rows(60))
    local = tmp_path / "local.csv"
    local.write_text(plain.read_text().replace(",", delimiter).replace(".", ","))
    prepare(str(plain), tmp_path / "a")
    prepare(str(local), tmp_path / "b")
    assert kept(tmp_path / "a").fetchall() == kept(tmp_path / "b").fetchall()


def test_a_disk_that_is_full_in_the_middle_leaves_what_was_there(csv_file, good_rows, tmp_path):
    """No file may grow beyond 20 kB: to whoever writes, that is a full disk."""
    out = tmp_path / "out"
    prepare(str(csv_file(*good_rows(40))), out)
    before = {file.name: file.read_bytes() for file in out.iterdir()}
    many = csv_file(*good_rows(5_000), name="many.csv")
    limited = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000));"
        "from training.etl.__main__ import main; main()"
    )
    words = [sys.executable, "-c", limited, "--data", str(many), "--out", str(out)]
    ran = subprocess.run(words, capture_output=True, text=True, cwd=Path(__file__).parents[3], check=False)
    assert ran.returncode == 3, ran.stderr
    assert f"cannot write to {out}" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert {file.name: file.read_bytes() for file in out.iterdir()} == before


def test_a_file_is_fetched_from_any_address(csv_file, good_rows, tmp_path):
    with fsspec.open("memory://trips/trips.csv", "wb") as there:
        there.write(csv_file(*good_rows(40)).read_bytes())
    summary = prepare("memory://trips/trips.csv", tmp_path / "out")
    assert (summary.input, summary.kept) == ("memory://trips/trips.csv", 40)
    with pytest.raises(TripsInvalid, match=r"cannot fetch memory://trips/none\.csv"):
        prepare("memory://trips/none.csv", tmp_path / "out")


def test_the_profile_of_the_data_is_one_that_a_gate_reads(csv_file, good_rows, tmp_path):
    summary = prepare(str(csv_file(*good_rows(200))), tmp_path / "out")
    profile = read_profile((tmp_path / "out" / "data-profile.json").read_bytes())
    assert profile.rows == summary.rows["train"]
    assert set(profile.columns) == set(FEATURES)
    assert profile.data == (hashlib.sha256((tmp_path / "out" / "train.parquet").read_bytes()).hexdigest(),)
