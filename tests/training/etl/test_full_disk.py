"""How a folder is filled: on a disk that is full in the middle, and where another engine has filled it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from training.errors import TripsInvalid
from training.etl.folder import parts, replacing
from training.rows import load, read
from training.trip_files import write

ROWS = 60_000
"""About six megabytes of Parquet: the disk is full when train is half written."""


def mounted(*words):
    return subprocess.run(["mount", *words], capture_output=True, text=True, check=False)


@pytest.fixture
def small_disk(tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    try:
        ran = mounted("-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place))
    except FileNotFoundError:
        pytest.skip("there is no mount here; test_prepare.py limits the size of files instead")
    if ran.returncode:
        pytest.skip(
            f"a small disk needs root ({ran.stderr.strip()}); test_prepare.py limits the size of files instead"
        )
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def etl(trips, out):
    words = [sys.executable, "-m", "training.etl", "--data", str(trips), "--out", str(out), "--json"]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    return subprocess.run(
        words, capture_output=True, text=True, cwd=Path(__file__).parents[3], env=environ, check=False
    )


def test_a_full_disk_ends_the_run_with_a_sentence_nothing_is_taken_for_whole_and_room_mends_it(
    small_disk, tmp_path
):
    trips, out = tmp_path / "trips.csv", small_disk / "out"
    write(trips, ROWS, 7, lambda _: None)
    ran = etl(trips, out)
    assert ran.returncode == 3, ran.stderr
    assert f"cannot write to {out}" in ran.stderr
    assert "make room, then call again" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not list(small_disk.rglob("*.parquet"))
    with pytest.raises(TripsInvalid, match=r"holds no summary\.json"):
        read(out, 0, 1)

    assert not mounted("-o", "remount,size=64m", str(small_disk)).returncode
    ran = etl(trips, out)
    assert ran.returncode == 0, ran.stderr
    rows = json.loads(ran.stdout)["rows"]
    assert {split: len(load(out / f"{split}.parquet")) for split in rows} == rows
    assert all(len(parts(out / f"{split}.parquet")) == 1 for split in rows)


@pytest.mark.parametrize("was_file", [True, False], ids=["a file, then a folder", "a folder, then a file"])
def test_a_split_of_one_engine_takes_the_place_of_the_other_s(tmp_path, was_file):
    out = tmp_path / "out"
    for is_file in (was_file, not was_file):
        with replacing(out) as folder:
            split = folder / "train.parquet"
            split.touch() if is_file else split.mkdir()
    assert (out / "train.parquet").is_file() is not was_file
