"""A training that is stopped from outside, or whose server goes away: nothing is lost, and it goes on."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import mlflow
import pytest
from mlflow.environment_variables import (
    MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR,
    MLFLOW_HTTP_REQUEST_MAX_RETRIES,
)
from urllib3 import Retry
from urllib3.exceptions import NewConnectionError

from tests.conftest import free_port, running_mlflow
from tests.databases import new_mlflow
from training.etl.prepare import prepare

pytestmark = [pytest.mark.keras, pytest.mark.mlflow, pytest.mark.filterwarnings("ignore")]
ROOT = Path(__file__).parents[2]
PLAN = ["--model", "default", "--rows", "600", "--epochs", "40", "--threads", "1", "--seed", "3"]


@pytest.fixture(scope="module")
def trips(tmp_path_factory):
    from training.trip_files import write

    folder = tmp_path_factory.mktemp("trips")
    write(folder / "trips.csv", 2_000, 5, lambda _: None)
    prepare(str(folder / "trips.csv"), folder / "splits")
    return folder / "splits"


@pytest.fixture
def place(tmp_path):
    """Somewhere for a training's database, artifacts and checkpoints."""
    return tmp_path


def command(trips, place, name="taxi-fare"):
    return [
        sys.executable, "-u", "-m", "training.train", "--data", str(trips), "--owner", "pricing", "--json",
        "--name", name, "--checkpoints", str(place / "checkpoints"), *PLAN,
    ]  # fmt: skip


def environ(place, uri=None):
    ours = {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_")}
    return ours | {"MLFLOW_TRACKING_URI": uri or new_mlflow(place), "PYTHONPATH": str(ROOT)}


def begun(trips, place, upto, uri=None):
    """A training that has told of its epoch `upto`."""
    process = subprocess.Popen(
        command(trips, place),
        env=environ(place, uri),
        cwd=place,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    for line in process.stderr:
        if line.startswith(f"epoch {upto} "):
            return process
    pytest.fail(f"the training ended too soon: {process.wait()}")


def whole(trips, place, uri=None):
    done = subprocess.run(
        command(trips, place), env=environ(place, uri), cwd=place, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def history(place, run_id, metric="val_rmse"):
    client = mlflow.MlflowClient(f"sqlite:///{place}/mlflow.db")
    return [(point.step, point.value) for point in client.get_metric_history(run_id, metric)]


def runs(place):
    client = mlflow.MlflowClient(f"sqlite:///{place}/mlflow.db")
    found = client.search_runs([client.get_experiment_by_name("taxi-fare").experiment_id])
    return {run.info.run_id: run.info.status for run in found}


def test_a_training_that_was_stopped_and_then_killed_ends_with_the_numbers_of_one_that_was_not(
    trips, tmp_path
):
    left, straight = tmp_path / "left", tmp_path / "straight"
    left.mkdir()
    straight.mkdir()

    process = begun(trips, left, 4)
    process.send_signal(signal.SIGINT)
    said = process.communicate()[1]
    assert process.returncode == 130
    assert "the same call goes on from its last checkpoint" in said
    assert list(runs(left).values()) == ["KILLED"]

    process = begun(trips, left, 8)  # tells of the first four again, and goes on
    process.kill()
    process.communicate()
    assert list(runs(left).values()) == ["RUNNING"]

    again, once = whole(trips, left), whole(trips, straight)
    assert runs(left) == {again["run_id"]: "FINISHED"}
    assert again["val_rmse"] == pytest.approx(once["val_rmse"], abs=1e-6)
    assert again["best_epoch"] == once["best_epoch"]
    of_both = [history(left, again["run_id"]), history(straight, once["run_id"])]
    steps = [[step for step, _ in points] for points in of_both]
    assert steps[0] == steps[1] == sorted(set(steps[1]))
    assert [value for _, value in of_both[0]] == pytest.approx([value for _, value in of_both[1]], abs=1e-6)
    assert list((left / "checkpoints").iterdir()) == []


def test_mlflow_may_be_away_while_a_model_is_trained(trips, tmp_path):
    folder, port = tmp_path / "server", free_port()
    folder.mkdir()
    with running_mlflow(folder, port=port) as url:
        training = begun(trips, tmp_path, 2, url)
    time.sleep(10)
    assert training.poll() is None
    with running_mlflow(folder, port=port):
        told, said = training.communicate()
        assert training.returncode == 0, said
        made = json.loads(told)
        client = mlflow.MlflowClient(url)
        assert client.get_run(made["run_id"]).info.status == "FINISHED"
        epochs = client.get_metric_history(made["run_id"], "val_loss")
        assert [point.step for point in epochs] == list(range(1, len(epochs) + 1))
        assert len(epochs) >= made["best_epoch"]
        assert [int(each.version) for each in client.search_model_versions("name='taxi-fare'")] == [1]


def test_a_server_that_refuses_connections_is_waited_for_longer_than_a_minute(monkeypatch):
    for setting in (MLFLOW_HTTP_REQUEST_MAX_RETRIES, MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR):
        monkeypatch.delenv(setting.name, raising=False)  # the gate, which has others do its waiting, sets it
    retries = MLFLOW_HTTP_REQUEST_MAX_RETRIES.get()
    retry = Retry(total=retries, connect=retries, backoff_factor=MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR.get())
    waited_s = 0.0
    for _ in range(retries):
        retry = retry.increment(error=NewConnectionError(None, "refused"))
        waited_s += retry.get_backoff_time()
    assert waited_s > 2 * 60


def test_a_full_disk_ends_a_training_with_a_sentence_and_leaves_the_last_checkpoint(tmp_path):
    import numpy as np

    from training.checkpoint import Checkpoint, Progress

    place = Checkpoint.of(tmp_path, {"seed": 1})
    place.keep(Progress(run_id="r", best_epoch=3, state=[np.arange(10)], best=[np.ones(2)]))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(OSError, match="cannot keep a checkpoint"):
            place.keep(Progress(best_epoch=4, state=[np.zeros(100_000)]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    kept = place.load()
    assert (kept.run_id, kept.best_epoch, kept.state[0].tolist()) == ("r", 3, list(range(10)))
    assert [file.suffix for file in tmp_path.iterdir()] == [".npz"]


def test_a_damaged_checkpoint_counts_as_none(tmp_path):
    from training.checkpoint import Checkpoint

    place = Checkpoint.of(tmp_path, {"seed": 1})
    place.file.write_bytes(b"PK\x03\x04 no")
    assert place.load().epochs == []
    assert place.file != Checkpoint.of(tmp_path, {"seed": 2}).file
