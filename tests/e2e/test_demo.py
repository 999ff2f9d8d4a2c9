"""`gatehouse demo`, whole, on generated trips."""

import os
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.mlflow, pytest.mark.keras]


def demo(home, *words):
    return subprocess.run(
        [sys.executable, "-c", "from gatehouse.cli import main; main()", "demo", *words],
        capture_output=True, text=True, check=False, env=os.environ | {"GATEHOUSE_HOME": str(home)},
    )  # fmt: skip


def test_the_story_ends_as_the_policy_says(tmp_path):
    told = demo(tmp_path)
    assert told.returncode == 0, told.stdout + told.stderr
    lines = [line.strip() for line in told.stdout.splitlines()]
    for wanted in ("taxi-fare 1: Archived", "taxi-fare 2: Archived", "taxi-fare 3: Production"):
        assert wanted in lines
    assert "against the champion's" in told.stdout
    assert "gatehouse approve taxi-fare 3" in told.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "fare_amount"),
        ("", "empty"),
    ],
    ids=["missing columns", "an empty file"],
)
def test_trips_that_are_none_are_told_before_anything_starts(tmp_path, text, said):
    trips = tmp_path / "trips.csv"
    trips.write_text(text)
    told = demo(tmp_path / "home", "--data", str(trips))
    assert told.returncode == 3
    assert said in told.stdout + told.stderr
    assert "Traceback" not in told.stderr
