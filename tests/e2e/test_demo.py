"""`gatehouse demo`, whole, on generated trips."""

import os
import signal
import subprocess
import sys

import psutil
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
        ("a,b\n1,2\n", "found: a, b"),
        ("", "is empty"),
        (
            "key,fare_amount,pickup_datetime,pickup_longitude,pickup_latitude,dropoff_longitude,dropoff_latitude,passenger_count\n"
            + "".join(
                f"{n},{n % 40 + 4},2013-06-05 10:10:00 UTC,-73.98,40.75,-73.99,40.76,1\n" for n in range(100)
            ),
            "the policy asks for 500 there; bring about",
        ),
    ],
    ids=["missing columns", "an empty file", "too few trips for the policy"],
)
def test_trips_that_will_not_do_are_told_once_before_anything_starts(tmp_path, text, said):
    trips = tmp_path / "trips.csv"
    trips.write_text(text)
    told = demo(tmp_path / "home", "--data", str(trips))
    assert told.returncode == 2
    assert (told.stdout + told.stderr).count(said) == 1
    assert "Traceback" not in told.stderr
    assert list((tmp_path / "home").iterdir()) == []


def test_a_home_that_cannot_be_made_is_a_wrong_call(tmp_path):
    (tmp_path / "file").write_text("")
    told = demo(tmp_path / "file" / "home")
    assert told.returncode == 2
    assert "choose another with GATEHOUSE_HOME" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_story_that_is_interrupted_stops_everything_and_is_not_a_success(tmp_path):
    command = [sys.executable, "-c", "from gatehouse.cli import main; main()", "demo"]
    environ = os.environ | {"GATEHOUSE_HOME": str(tmp_path)}
    with subprocess.Popen(
        command, env=environ, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as story:
        while "redis is up" not in (line := story.stdout.readline()):
            assert line, "the story ended before its stack was up"
        os.killpg(story.pid, signal.SIGINT)
        rest = story.stdout.read()
    assert story.returncode == 130
    assert "Stopped before the end." in rest
    assert list(tmp_path.iterdir()) == []
    assert [p.pid for p in psutil.process_iter() if str(tmp_path) in " ".join(p.cmdline())] == []
