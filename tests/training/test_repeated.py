"""A run held against an earlier one: the same numbers, or what differs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import mlflow
import pytest
from mlflow.entities import Metric, Param, Run, RunData, RunInfo, RunTag

from tests.databases import new_mlflow
from training.etl.prepare import prepare
from training.repeated import compared

pytestmark = pytest.mark.filterwarnings("ignore")
ROOT = Path(__file__).parents[2]


def run(run_id, rmse, **tags):
    info = RunInfo(run_id, "0", "ann", "FINISHED", 0, 1, "active")
    metrics = [Metric("val_rmse", rmse, 0, 1), Metric("gatehouse.rmse", hash(run_id), 0, 1)]
    params = [Param("threads", tags.pop("threads", "1"))]
    told = {"git_commit": "c0ffee", "packages": "keras 3.1, numpy 2.3"} | tags
    return Run(info, RunData(metrics, params, [RunTag(name, text) for name, text in told.items()]))


@pytest.mark.parametrize(
    ("rmse", "tags", "said"),
    [
        pytest.param(4.2 + 9e-7, {}, "the same numbers as run before to 1e-06", id="the same"),
        pytest.param(4.2, {"git_commit": "beef"}, "the same numbers as run before to 1e-06, although other things differ: git_commit c0ffee -> beef", id="although"),
        pytest.param(4.3, {"threads": "2"}, "val_rmse 4.2 -> 4.3 (+0.1); what else differs: threads 1 -> 2", id="threads"),
        pytest.param(4.3, {"packages": "keras 3.2"}, "what else differs: keras 3.1 -> 3.2; numpy 2.3 -> not told", id="packages"),
        pytest.param(4.3, {}, "what else differs: nothing else that was logged; on one thread", id="nothing to be seen"),
        pytest.param(float("nan"), {}, "val_rmse 4.2 -> nan", id="no number"),
    ],
)  # fmt: skip
def test_two_runs_have_the_same_numbers_or_it_is_said_what_differs(rmse, tags, said):
    assert said in str(compared(run("before", 4.2), run("now", rmse, **tags)))


@pytest.mark.keras
def test_the_same_call_gives_the_same_numbers_and_says_so_and_another_says_what_differs(tmp_path):
    from training.trip_files import write

    write(tmp_path / "trips.csv", 1_000, 5, lambda _: None)
    prepare(str(tmp_path / "trips.csv"), tmp_path / "splits")
    uri = new_mlflow(tmp_path)
    ours = {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_")}
    environ = ours | {"MLFLOW_TRACKING_URI": uri, "PYTHONPATH": str(ROOT)}
    client = mlflow.MlflowClient(uri)

    def train(seed=3):
        words = ("--data", tmp_path / "splits", "--owner", "pricing", "--rows", "300", "--epochs", "3")
        command = [sys.executable, "-m", "training.train", *map(str, words), "--threads", "1", "--json"]
        done = subprocess.run(
            [*command, "--seed", str(seed)],
            env=environ,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    first, again = train(), train()
    assert first["repeated"] == ""
    assert again["repeated"] == f"the same numbers as run {first['run_id']} to 1e-06"
    assert abs(again["val_rmse"] - first["val_rmse"]) <= 1e-6
    tags = client.get_run(again["run_id"]).data.tags
    assert (tags["repeats"], tags["repeats_same_numbers"]) == (first["run_id"], "true")
    assert "repeated.json" in [file.path for file in client.list_artifacts(again["run_id"])]

    client.log_metric(again["run_id"], "val_rmse", again["val_rmse"] + 1, step=99)
    client.set_tag(again["run_id"], "git_commit", "beef")
    third = train()
    assert f"other numbers than run {again['run_id']}" in third["repeated"]
    assert "(-1)" in third["repeated"]
    assert "git_commit beef -> " in third["repeated"]
