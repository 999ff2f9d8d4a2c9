"""`gatehouse train`: from a file of trips to a registered version, by the trainer's own commands."""

import json
import os
import subprocess
import sys
from pathlib import Path

import mlflow
import pytest

from tests.databases import new_mlflow

ROOT = Path(__file__).parents[2]


def gatehouse(folder, *words):
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "GATEHOUSE_"))}
    environ = ours | {
        "MLFLOW_TRACKING_URI": new_mlflow(folder),
        "PYTHONPATH": str(ROOT),
        "HOME": str(folder),
    }
    program = (sys.executable, "-c", "from gatehouse.cli import main; main()")
    return subprocess.run(
        [*program, *words], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )


@pytest.mark.keras
@pytest.mark.filterwarnings("ignore")
def test_a_file_of_trips_becomes_a_registered_version(tmp_path):
    from training.trip_files import write

    write(tmp_path / "trips.csv", 800, 5, lambda _: None)
    words = ("--data", "trips.csv", "--owner", "pricing", "--model", "boosted", "--epochs", "5")
    done = gatehouse(tmp_path, "train", *words)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "1"
    client = mlflow.MlflowClient(f"sqlite:///{tmp_path}/mlflow.db")
    assert client.get_model_version("taxi-fare", "1").tags["owner"] == "pricing"
    assert len(list((tmp_path / ".gatehouse" / "trips").glob("trips-*/summary.json"))) == 1


@pytest.mark.keras
@pytest.mark.filterwarnings("ignore")
def test_an_address_of_trips_becomes_json_on_the_server_that_is_named(tmp_path):
    from training.trip_files import write

    write(tmp_path / "trips.csv", 800, 5, lambda _: None)
    words = ("--data", (tmp_path / "trips.csv").as_uri(), "--owner", "pricing", "--experiment", "mine")
    named = f"sqlite:///{tmp_path}/named.db"
    options = ("--tracking-uri", named, "--json", "--model", "boosted", "--epochs", "5")
    done = gatehouse(tmp_path, "train", *words, *options)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["version"] == 1
    client = mlflow.MlflowClient(named)
    experiment = client.get_experiment_by_name("mine")
    assert len(client.search_runs([experiment.experiment_id])) == 2
    other = f"sqlite:///{tmp_path}/mlflow.db"
    assert mlflow.MlflowClient(other, other).search_registered_models() == []


def test_an_option_that_the_trainer_does_not_know_is_told_before_trips_are_prepared(tmp_path):
    (tmp_path / "trips.csv").touch()
    done = gatehouse(tmp_path, "train", "--data", "trips.csv", "--owner", "pricing", "--modle", "boosted")
    assert done.returncode == 2
    assert "--modle" in done.stderr
    assert "is empty" not in done.stderr


def test_what_the_trainer_refuses_is_its_own_sentence_and_code(tmp_path):
    (tmp_path / "empty").mkdir()
    done = gatehouse(tmp_path, "train", "--data", "empty", "--owner", "pricing", "--model", "forest")
    assert done.returncode == 2
    assert "forest" in done.stderr


def test_trips_that_are_not_there_are_told_by_the_etl(tmp_path):
    done = gatehouse(tmp_path, "train", "--data", "nowhere.csv", "--owner", "pricing")
    assert done.returncode == 2
    assert "nowhere.csv" in done.stderr
