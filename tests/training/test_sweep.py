"""Sweeps: several processes share one, the best run is registered once, and two of one name are told apart."""

import json
import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import mlflow
import psutil
import pytest
from click.testing import CliRunner

from training.errors import SweepInvalid, SweepTaken
from training.etl.prepare import prepare
from training.plan import KINDS, Plan
from training.sweep.command import main
from training.sweep.minimum import Minimum, MinimumInvalid, minimum
from training.sweep.space import GRIDS, chosen, size_of_grid

pytestmark = pytest.mark.filterwarnings(
    "ignore"
)  # Optuna, TensorFlow and MLflow warn of matters of their own
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("text", "errors", "met"),
    [
        ("rmse<=4.5", {"val_rmse": 4.5}, True),
        ("rmse<4.5", {"val_rmse": 4.5}, False),
        (" val_mae < 2 ", {"val_mae": 1.9}, True),
        ("mse<=.5", {"val_mse": 0.6}, False),
    ],
)
def test_a_minimum_is_read_and_held_against_the_best_run(text, errors, met):
    assert minimum(text).met(errors) is met
    assert minimum(str(minimum(text))) == minimum(text)


@pytest.mark.parametrize("text", ["rmse", "rmse>=4", "accuracy<=1", "rmse<=nan", "rmse<=1e3", "rmse<=-1"])
def test_what_is_no_minimum_is_refused_with_an_example(text, tmp_path):
    with pytest.raises(MinimumInvalid, match=r"as in rmse<=4\.5"):
        minimum(text)
    words = ["--data", str(tmp_path), "--owner", "pricing", "--register-if", text]
    assert CliRunner().invoke(main, words).exit_code == 2


def test_a_minimum_names_its_metric_as_it_is_logged():
    assert minimum("rmse<=4.5") == Minimum("val_rmse", 4.5, strict=False)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("grid", [True, False])
def test_a_trial_changes_only_what_is_searched_for(kind, grid):
    import optuna

    plan = chosen(optuna.create_study().ask(), Plan(kind, seed=5, rows=10), grid=grid)
    assert (plan.kind, plan.seed, plan.rows) == (kind, 5, 10)
    assert plan.learning_rate > 0
    assert size_of_grid(kind) >= len(GRIDS[kind]["learning_rate"])


def search(folder, **words):
    from training.sweep.study import Search

    return Search(
        **{"name": "s", "storage": f"sqlite:///{folder}/sweeps.db", "plan": Plan(), "metric": "val_rmse", "data_sha256": "d"} | words
    )  # fmt: skip


def test_a_second_sweep_of_one_name_is_told_and_the_first_left_alone(tmp_path):
    from training.sweep.study import begin, forget, join

    begin(search(tmp_path))
    forget(search(tmp_path))  # a sweep that could not begin takes no name
    begin(search(tmp_path)).set_user_attr("run_id", "first")
    with pytest.raises(SweepTaken, match="with 0 trials: --join takes part in it"):
        begin(search(tmp_path))
    assert join(search(tmp_path)).user_attrs["run_id"] == "first"


@pytest.mark.parametrize("storage", ["nonsense", "sqlite:////nowhere/sweeps.db", "oracel://host/sweeps"])
def test_a_database_that_cannot_be_used_is_told_in_a_sentence(tmp_path, storage):
    from training.sweep.study import begin

    with pytest.raises(SweepInvalid, match="--storage names no database that can be used"):
        begin(search(tmp_path, storage=storage))


def test_only_the_same_search_can_be_joined(tmp_path):
    from training.sweep.study import begin, join

    with pytest.raises(SweepInvalid, match="there is no sweep 's'"):
        join(search(tmp_path))
    begin(search(tmp_path))
    with pytest.raises(SweepInvalid, match="with other seed, data"):
        join(search(tmp_path, plan=Plan(seed=8), data_sha256="other"))


def test_of_all_who_take_part_one_may_register(tmp_path):
    from training.sweep.study import claim, unclaim

    assert [claim(search(tmp_path)) for _ in range(3)] == [True, False, False]
    unclaim(search(tmp_path))  # it could not
    assert claim(search(tmp_path))


def test_a_trial_whose_process_died_before_its_first_heartbeat_fails_after_a_while(tmp_path):
    from training.sweep.processes import fail_unbegun
    from training.sweep.study import BEGUN, begin

    study = begin(search(tmp_path))
    study.ask().set_user_attr(BEGUN, value=True)
    study.ask()
    began = study.trials[1].datetime_start
    for seconds, states in ((39, ["RUNNING", "RUNNING"]), (41, ["RUNNING", "FAIL"])):
        fail_unbegun(study, began + timedelta(seconds=seconds))
        assert [trial.state.name for trial in study.trials] == states


@pytest.fixture
def start(tmp_path):
    """Starts sweeps that share trips, study and registry; its address."""
    from training.trip_files import write

    write(tmp_path / "trips.csv", 900, 5, lambda _: None)
    prepare(str(tmp_path / "trips.csv"), tmp_path / "splits")
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    ours = {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_")}
    environ = ours | {"MLFLOW_TRACKING_URI": uri, "PYTHONPATH": str(ROOT)}

    def start(*words):
        command = (sys.executable, "-m", "training.sweep", "--data", "splits", "--owner", "pricing", "--json")
        given = (*command, "--checkpoints", "checkpoints", *words)
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(given, cwd=tmp_path, env=environ, text=True, **pipes)

    return start, uri


@pytest.fixture
def sweep(start):
    def run(*words):
        process = start[0](*words)
        said, errors = process.communicate()
        return subprocess.CompletedProcess(words, process.returncode, said, errors)

    return run, mlflow.MlflowClient(start[1])


@pytest.fixture
def begun_sweep(start, tmp_path):
    import optuna

    def begin(*words):
        storage = optuna.storages.RDBStorage(f"sqlite:///{tmp_path}/sweeps.db")
        optuna.create_study(storage=storage, study_name="another")  # so that the tables are there
        client = mlflow.MlflowClient(start[1])  # its, too: MLflow cannot make them in two processes at once

        def study():
            names = optuna.get_all_study_names(storage)
            return optuna.load_study(
                study_name="taxi-fare" if "taxi-fare" in names else "another", storage=storage
            )

        return start[0](*words), study, client

    return begin


@pytest.mark.keras
def test_two_processes_share_a_sweep_whose_best_run_is_registered_once(sweep):
    run, client = sweep
    words = ("--model", "linear", "--epochs", "2", "--grid", "--jobs", "2")
    done = run(*words, "--register-if", "rmse<=0.01")
    assert done.returncode == 1, done.stderr
    poor = json.loads(done.stdout)
    assert poor["version"] is None
    assert "asked is val_rmse <= 0.01" in poor["why"]

    assert run(*words).returncode == 2

    done = run(*words, "--join")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["trials"], told["version"], told["run_id"]) == (4, 1, poor["run_id"])
    version = client.get_model_version("taxi-fare", "1")
    assert version.run_id == told["best"]["run_id"]
    parent = client.get_run(told["run_id"])
    children = client.search_runs(
        [parent.info.experiment_id], f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'"
    )
    assert sorted(child.info.status for child in children) == ["FINISHED"] * 4
    assert min(child.data.metrics["val_rmse"] for child in children) == told["best"]["val_rmse"]
    assert parent.data.metrics["val_rmse"] == told["best"]["val_rmse"]
    logged = {each.path for each in client.list_artifacts(parent.info.run_id)}
    assert {"parallel_coordinates.png", "importances.png"} <= logged

    assert json.loads(run(*words, "--join").stdout)["version"] is None
    assert len(client.search_model_versions("name='taxi-fare'")) == 1


@pytest.mark.keras
def test_a_sweep_ends_though_one_of_its_processes_is_killed(begun_sweep):
    process, study, client = begun_sweep("--model", "linear", "--grid", "--jobs", "2")
    while [trial.state.name for trial in study().trials].count("RUNNING") < 2:
        assert process.poll() is None
        time.sleep(0.3)
    of_sweep = [each for forking in psutil.Process(process.pid).children() for each in forking.children()]
    of_sweep[0].kill()
    said, errors = process.communicate()
    assert process.returncode == 0, errors
    assert "1 of 2 processes ended with [-9]: their trials failed, the others went on" in errors
    told = json.loads(said)
    assert (told["trials"], told["version"]) == (4, 1)
    states = [trial.state for trial in study().trials]
    assert sorted(state.name for state in states) == ["COMPLETE"] * 3 + ["FAIL"]
    experiment = client.get_run(told["run_id"]).info.experiment_id
    children = client.search_runs([experiment], f"tags.`mlflow.parentRunId` = '{told['run_id']}'")
    ends = sorted(child.info.status for child in children)
    made = ["FAILED"] if len(ends) == len(states) else []  # killed before its run was made, a trial has none
    assert ends == [*made, *["FINISHED"] * 3]
