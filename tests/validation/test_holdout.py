import hashlib

import numpy as np
import pandas as pd
import pytest

from validation.holdout import HoldoutInvalid, read_holdout

ROWS = "distance,zone,fare\n1.5,jfk,9.0\n2.0,soho,11.5\n3.0,,14.0\n"


def read(path, **more):
    return read_holdout(path, **{"name": "holdout", "target": "fare", **more})


@pytest.fixture
def written(tmp_path):
    def write(text, name="trips.csv"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def test_csv_gives_inputs_target_and_digest(written):
    path = written(ROWS)
    holdout = read(path)
    assert list(holdout.inputs.columns) == ["distance", "zone"]
    assert holdout.target.tolist() == [9.0, 11.5, 14.0]
    assert holdout.target.dtype == np.float64
    assert (holdout.rows, holdout.dropped, holdout.name) == (3, 0, "holdout")
    assert holdout.digest == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("name", ["trips.parquet", "trips.csv.gz"])
def test_other_formats_read_the_same(tmp_path, written, name):
    frame = pd.read_csv(written(ROWS))
    path = tmp_path / name
    frame.to_parquet(path) if name.endswith("parquet") else frame.to_csv(path, index=False)
    holdout = read(path)
    assert holdout.target.tolist() == [9.0, 11.5, 14.0]
    assert holdout.inputs["distance"].tolist() == [1.5, 2.0, 3.0]


def test_parquet_with_missing_targets_and_an_index_of_its_own(tmp_path):
    path = tmp_path / "trips.parquet"
    frame = pd.DataFrame({"distance": [1, 2, 3], "fare": pd.array([5, None, 7], dtype="Int64")})
    frame.set_index(pd.Index(["a", "b", "c"])).to_parquet(path)
    holdout = read(path)
    assert holdout.target.tolist() == [5.0, 7.0]
    assert holdout.inputs.index.tolist() == [0, 2]


def test_rows_without_a_finite_target_are_dropped_and_counted(written):
    holdout = read(written("distance,fare\n1,5\n2,\n3,free\n4,inf\n5,7\n"))
    assert holdout.target.tolist() == [5.0, 7.0]
    assert holdout.inputs["distance"].tolist() == [1, 5]
    assert holdout.dropped == 3


@pytest.mark.parametrize(
    ("text", "more", "sentence"),
    [
        pytest.param("", {}, "is empty", id="empty file"),
        pytest.param("distance,fare\n", {}, "a header and no rows", id="no rows"),
        pytest.param(ROWS, {"target": "fair"}, "did you mean 'fare'", id="target misspelt"),
        pytest.param(ROWS, {"target": "y"}, "its columns are distance, zone, fare", id="target missing"),
        pytest.param("a,fare\n1,\n2,\n", {}, "none of the 2 rows", id="no target"),
        pytest.param(ROWS, {"min_rows": 4}, "3 rows to judge, 4 are needed", id="too few rows"),
        pytest.param(
            "distance,fare\n1,5\n2,x\n",
            {"min_rows": 2},
            r"1 without a number or class in 'fare' left out",
            id="too few left",
        ),
        pytest.param('a,fare\n1,2\n1,2,3,4\n"', {}, "cannot be read as .csv", id="not csv"),
    ],
)
def test_what_cannot_be_judged_on_is_refused(written, text, more, sentence):
    with pytest.raises(HoldoutInvalid, match=sentence):
        read(written(text), **more)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("trips.parquet", "cannot be read as .parquet"),
        ("trips.csv.gz", "cannot be read"),
        ("trips.xlsx", "neither .csv nor .parquet"),
    ],
)
def test_a_name_that_lies_is_refused(written, name, sentence):
    with pytest.raises(HoldoutInvalid, match=sentence):
        read(written(ROWS, name))


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "trips.csv"
    path.write_bytes(b"distance,fare\n\xff\xfe\xfa,3\n")
    with pytest.raises(HoldoutInvalid, match="cannot be read"):
        read(path)


def test_a_missing_file_and_an_empty_folder_are_refused(tmp_path):
    with pytest.raises(HoldoutInvalid, match="there is no file"):
        read(tmp_path / "gone.csv")
    with pytest.raises(HoldoutInvalid, match="is a folder without files"):
        read(tmp_path)


def test_a_target_of_times_is_refused(tmp_path):
    path = tmp_path / "trips.parquet"
    pd.DataFrame({"a": [1], "fare": pd.to_datetime(["2026-01-01"])}).to_parquet(path)
    with pytest.raises(HoldoutInvalid, match="holds times"):
        read(path)


TIMED = "when,distance,fare\n{},1,5\n{},2,7\n{},3,9\n"


@pytest.mark.parametrize(
    ("times", "days"),
    [
        (("2026-01-01 23:59:00 UTC", "2026-01-02 00:00:00 UTC", "2026-01-01 00:00:00 UTC"), [0, 1, 0]),
        (("2026-01-01T23:30:00-05:00", "2026-01-02T01:00:00Z", "2026-01-01T12:00:00Z"), [1, 1, 0]),
        (("2026-01-03", "2026-01-01", "2026-01-03"), [1, 0, 1]),
    ],
    ids=["as in the taxi data", "with zones", "dates"],
)
def test_rows_know_their_day_in_utc(written, times, days):
    holdout = read(written(TIMED.format(*times)), day="when")
    assert holdout.days.tolist() == days
    assert "when" in holdout.inputs.columns


def test_days_of_parquet_times_leave_out_rows_that_are_not_judged(tmp_path):
    path = tmp_path / "trips.parquet"
    when = pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-02", None])
    pd.DataFrame({"when": when, "fare": [5.0, np.nan, 7.0, np.nan]}).to_parquet(path)
    assert read(path, day="when").days.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("times", "day", "sentence"),
    [
        (("2026-01-01", "soon", "2026-01-01"), "when", "row 2: 'soon' is not an ISO 8601 time"),
        (("2026-01-01", "", "2026-01-01"), "when", "row 2: 'nan' is not an ISO 8601 time"),
        (("1", "2", "3"), "when", "holds numbers, not times"),
        (("2026-01-01",) * 3, "wen", r"no column 'wen' for the day \(did you mean 'when'\?\)"),
    ],
)
def test_a_day_that_cannot_be_told_is_said(written, times, day, sentence):
    with pytest.raises(HoldoutInvalid, match=sentence):
        read(written(TIMED.format(*times)), day=day)
