"""Data sets at addresses of every kind: what is read, what its digest is of, and what is said where it fails."""

import hashlib
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import fsspec
import pandas as pd
import pytest
from pydantic import ValidationError

from policies.datasets import Dataset
from policies.evidence.measurement import MetricNeed
from validation.addresses import MOST_FILES, HoldoutInvalid, files_at, shown
from validation.holdout import read_holdout
from validation.parsing import CHUNK_ROWS
from workers.datasets import read_datasets

A, B = "distance,fare\n1,5\n2,7\n", "fare,distance\n9,3\n"


def read(address, **more):
    return read_holdout(address, **{"name": "holdout", "target": "fare", **more})


@pytest.fixture
def folder(tmp_path):
    def write(**files):
        for name, text in files.items():
            (tmp_path / name.replace("_csv", ".csv")).write_text(text)
        return tmp_path

    return write


@pytest.fixture
def memory():
    store = fsspec.filesystem("memory")
    yield store
    store.rm("/", recursive=True)


@pytest.fixture
def web():
    """A server of one file; `headers` are what it says of it, `status` how it answers."""
    with HTTPServer(("127.0.0.1", 0), Page) as server:
        server.body, server.headers, server.status = A.encode(), {}, 200
        server.url = f"http://127.0.0.1:{server.server_port}/trips.csv?sig=secret-word"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Page(BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.send_response(self.server.status)
        for name, value in {"Content-Length": len(self.server.body), **self.server.headers}.items():
            self.send_header(name, str(value))
        self.end_headers()

    def do_GET(self):
        self.do_HEAD()
        self.wfile.write(self.server.body)

    def log_message(self, *_):
        """Say nothing."""


def test_a_folder_is_read_in_the_order_of_its_names(folder):
    found = read(folder(b_csv=B, a_csv=A, _SUCCESS="", **{".b.crc": "x"}))
    assert found.inputs["distance"].tolist() == [1, 2, 3]
    assert found.target.tolist() == [5, 7, 9]
    assert found.inputs.index.tolist() == [0, 1, 2]


def test_a_folder_may_hold_both_formats(folder):
    place = folder(a_csv=A)
    pd.DataFrame({"distance": [2.5], "fare": [9.0]}).to_parquet(place / "b.parquet")
    assert read(place).inputs["distance"].tolist() == [1.0, 2.0, 2.5]


def test_the_digest_of_a_file_is_of_its_bytes_and_of_a_folder_of_names_and_contents(folder, tmp_path):
    place = folder(a_csv=A)
    of_bytes = hashlib.sha256(A.encode()).hexdigest()
    assert read(place / "a.csv").digest == read(place).digest == of_bytes
    (place / "a.csv").rename(place / "c.csv")
    assert read(place / "c.csv").digest == of_bytes
    two = read(folder(d_csv=A)).digest
    (place / "d.csv").rename(place / "e.csv")
    assert len({of_bytes, two, read(place).digest}) == 3


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"a_csv": A, "b_csv": "distance,price\n1,2\n"}, r"b\.csv has no column 'fare', which .*a\.csv has"),
        ({"a_csv": A, "b_csv": "distance,fare,x\n1,2,3\n"}, r"a\.csv has no column 'x', which .*b\.csv has"),
        ({"a_csv": A, "b_csv": ""}, r"b\.csv is empty"),
        ({"a_csv": A, "notes.txt": "hello"}, r"notes\.txt is neither \.csv nor \.parquet"),
        ({"a_csv": A, "b.parquet": "no"}, r"b\.parquet cannot be read as \.parquet"),
        ({f"{n}_csv": A for n in range(MOST_FILES + 1)}, "has 501 files, at most 500 are read"),
    ],
    ids=["lacks a column", "has one more", "empty", "a note", "no Parquet", "too many"],
)  # fmt: skip
def test_a_folder_that_does_not_fit_together_names_the_file(folder, files, sentence):
    with pytest.raises(HoldoutInvalid, match=sentence):
        read(folder(**files))


def test_a_folder_in_a_folder_is_refused(folder):
    place = folder(a_csv=A)
    (place / "year=2026").mkdir()
    with pytest.raises(HoldoutInvalid, match="has a folder 'year=2026' in it"):
        read(place)


def test_parquet_files_of_two_types_that_nothing_holds_are_refused(tmp_path):
    for name, value in (("a", 1), ("b", "one")):
        pd.DataFrame({"zone": [value], "fare": [1.0]}).to_parquet(tmp_path / f"{name}.parquet")
    with pytest.raises(
        HoldoutInvalid, match=r"column 'zone' of .*b\.parquet holds .*string, and before it int64"
    ):
        read(tmp_path)


@pytest.mark.parametrize("last", ["2.5", "x", "", "true"])
@pytest.mark.parametrize("first", ["1", "1.5", "a", "", "True"])
def test_a_long_csv_is_read_as_if_it_had_been_read_at_once(tmp_path, first, last):
    path = tmp_path / "long.csv"
    path.write_text("mixed,fare\n" + f"{first},1\n" * CHUNK_ROWS + f"{last},2\n")
    whole, ours = pd.read_csv(path, low_memory=False)["mixed"], read(path).inputs["mixed"]
    assert [_told(cell) for cell in ours[-2:]] == [_told(cell) for cell in whole[-2:]]
    assert pd.api.types.is_numeric_dtype(ours) == pd.api.types.is_numeric_dtype(whole)


def test_a_number_of_more_than_64_bits_is_a_decimal(tmp_path):
    path = tmp_path / "large.csv"
    path.write_text("km,n,fare\n99999999999999999999,1,1\n1,2,2\n")
    assert read(path).inputs["km"].tolist() == [1e20, 1.0]


def _told(cell):
    return None if pd.isna(cell) else str(cell)


def test_categories_of_several_row_groups_are_words(tmp_path):
    frame = pd.DataFrame({"zone": pd.Categorical(["jfk", "soho"] * CHUNK_ROWS), "fare": 1.0})
    frame.to_parquet(tmp_path / "zones.parquet", row_group_size=1000)
    assert read(tmp_path / "zones.parquet").inputs["zone"].tolist() == ["jfk", "soho"] * CHUNK_ROWS


@pytest.mark.parametrize("form", ["file://{}", "{}"])
def test_a_file_is_found_with_and_without_its_scheme(folder, form):
    path = folder(a_csv=A) / "a.csv"
    found = read(form.format(path))
    assert found.rows == 2
    assert found.written == datetime.fromtimestamp(path.stat().st_mtime, UTC)


def test_what_lies_in_a_store_is_read_like_a_file(memory):
    memory.pipe({"/bucket/a.csv": A.encode(), "/bucket/b.csv": B.encode()})
    assert read("memory://bucket/a.csv").digest == hashlib.sha256(A.encode()).hexdigest()
    found = read("memory://bucket")
    assert found.target.tolist() == [5, 7, 9]
    assert abs((datetime.now(UTC) - found.written).total_seconds()) < 3600


def test_a_file_on_the_web_is_read_and_tells_its_time_where_the_server_does(web):
    assert read(web.url).written is None
    web.headers = {"Last-Modified": "Wed, 25 Nov 2026 07:28:00 GMT"}
    found = read(web.url)
    assert found.digest == hashlib.sha256(A.encode()).hexdigest()
    assert found.written == datetime(2026, 11, 25, 7, 28, tzinfo=UTC)


@pytest.mark.parametrize("status", [401, 404, 500])
def test_a_server_that_says_no_is_told_without_the_secret_in_the_address(web, status):
    web.status = status
    with pytest.raises(HoldoutInvalid, match=r"trips\.csv") as told:
        read(web.url)
    assert "secret-word" not in str(told.value)
    assert told.value.__cause__ is None


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("s3://bucket/a.csv", "install the Python package s3fs beside Gatehouse"),
        ("gs://bucket/a.csv", "install the Python package gcsfs"),
        ("abfss://files@account.dfs.core.windows.net/a.csv", "install the Python package adlfs"),
        ("ftps3://bucket/a.csv", "nobody knows the scheme ftps3://"),
        ("memory://nowhere/a.csv", "there is no file memory://nowhere/a.csv"),
    ],
)
def test_an_address_that_cannot_be_reached_says_what_is_missing(address, sentence):
    with pytest.raises(HoldoutInvalid, match=sentence):
        files_at(address)


def test_an_address_is_shown_without_what_opens_it():
    assert shown("s3://key:secret@bucket/a.csv") == "s3://bucket/a.csv"
    assert shown("https://host/a.csv?sig=secret#part") == "https://host/a.csv"
    assert shown("/data/a#1.csv") == "/data/a#1.csv"


def test_no_password_stands_in_a_policy():
    with pytest.raises(ValidationError, match="an address with a password in it"):
        Dataset(uri="s3://key:secret@bucket/a.csv", target="fare")
    assert Dataset(uri="https://${WHO}@host/a.csv", target="fare").locate({"WHO": "ada:x"})


def test_data_whose_age_nobody_tells_is_not_judged_on_where_its_age_matters(web):
    data = {"holdout": Dataset(uri=web.url, target="fare", max_age="30d")}
    needs = (MetricNeed(metric="rmse", dataset="holdout"),)
    found = read_datasets(data, needs, {}, datetime.now(UTC), lambda *_: "")["holdout"]
    assert str(found).startswith("could not tell how old it is")


@pytest.mark.parametrize(("more", "rows"), [({}, 2), ({"max_age": "30d"}, None)], ids=["any age", "fresh"])
def test_what_a_run_logged_is_read_and_has_no_age(folder, more, rows):
    """What MLflow brings here was written just now: that is no age."""

    def bring(run, name, place):
        assert (run, name) == ("r1", "trips")
        (place / "trips.csv").write_text(A)
        return str(place / "trips.csv")

    data = {"holdout": Dataset(uri="runs:/r1/datasets/trips", target="fare", **more)}
    needs = (MetricNeed(metric="rmse", dataset="holdout"),)
    found = read_datasets(data, needs, {}, datetime.now(UTC), bring)["holdout"]
    assert getattr(found, "rows", None) == rows


def test_another_file_of_a_run_is_not_a_data_set():
    data = {"holdout": Dataset(uri="runs:/r1/trips.csv", target="fare")}
    needs = (MetricNeed(metric="rmse", dataset="holdout"),)
    found = read_datasets(data, needs, {}, datetime.now(UTC), lambda *_: "")["holdout"]
    assert "write runs:/RUN_ID/datasets/NAME" in str(found)
