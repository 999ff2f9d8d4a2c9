"""A short chaos run, as `make chaos` does it: everything is killed once, and all promises hold."""

import os
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.chaos, pytest.mark.mlflow]


def test_whatever_is_killed_nothing_is_lost_and_nothing_done_twice():
    # Tests before may have left MLflow's own variables behind.
    environ = {name: text for name, text in os.environ.items() if not name.startswith("MLFLOW_")}
    words = ("6", "--seed", "3", "--pace", "0.5")
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos", *words],
        capture_output=True,
        text=True,
        check=False,
        env=environ,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "BROKEN" not in done.stdout
