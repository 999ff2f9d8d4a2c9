"""Training against a local registry: what is logged, what is registered, and what is not when it fails."""

import math
import os
import socket
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from registry.errors import RegistryRefused, RegistryUnavailable
from registry.profiles import PROFILE_FILE, read_profile
from registry.training_keys import KEYS_FILE, read_keys
from tests.databases import new_mlflow
from training.errors import LossInvalid, TripsInvalid
from training.etl.prepare import prepare
from training.plan import KINDS, Plan
from training.provenance import Provenance, git_commit
from training.server import named, reach
from training.train import main, train

ROOT = Path(__file__).parents[2]

ANN = Provenance("pricing", "ann", "c0ffee", {"mlflow": "3", "numpy": "2"})


@pytest.fixture(scope="module")
def trips(tmp_path_factory):
    from training.trip_files import write

    folder = tmp_path_factory.mktemp("trips")
    write(folder / "trips.csv", 1_500, 5, lambda _: None)
    prepare(str(folder / "trips.csv"), folder / "splits")
    return folder / "splits"


@pytest.fixture
def mlflow_client(tmp_path, monkeypatch):
    import mlflow

    monkeypatch.delenv("MLFLOW_RUN_ID", raising=False)
    uri = new_mlflow(tmp_path)
    for variable in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):
        monkeypatch.setenv(variable, uri)  # the calls below leave them set for whatever test comes next
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    mlflow.create_experiment("trips", artifact_location=(tmp_path / "artifacts").as_uri())
    mlflow.set_experiment("trips")
    yield mlflow.MlflowClient()
    mlflow.set_tracking_uri(None)
    mlflow.set_registry_uri(None)


def trained(trips, plan, tell=lambda _: None, provenance=ANN):
    kept = trips / "checkpoints"
    return train(trips, plan, provenance, name="taxi-fare", checkpoints=kept, tell=tell)


def runs(client):
    return client.search_runs([client.get_experiment_by_name("trips").experiment_id])


@pytest.mark.keras
@pytest.mark.filterwarnings("ignore")  # TensorFlow and MLflow warn of matters of their own
def test_a_candidate_is_logged_whole_and_registered_with_its_tags(trips, mlflow_client):
    import mlflow

    epochs = []
    plan = Plan("seed", epochs=2, rows=200, seed=1)
    made = trained(trips, plan, epochs.append)

    version = mlflow_client.get_model_version("taxi-fare", str(made.version))
    assert version.tags == {"owner": "pricing", "git_commit": "c0ffee"}
    run = mlflow_client.get_run(version.run_id)
    assert run.info.status == "FINISHED"
    assert run.data.tags["mlflow.user"] == "ann"
    assert run.data.metrics["val_rmse"] == made.val_rmse
    assert run.data.params["data_sha256"] == made.data_sha256
    files = {
        split: sha256((trips / f"{split}.parquet").read_bytes()).hexdigest()
        for split in ("train", "validation")
    }
    logged = {each.tags[0].value: each.dataset.digest for each in run.inputs.dataset_inputs}
    assert logged == {"training": files["train"][:32], "validation": files["validation"][:32]}
    root = Path(
        mlflow.artifacts.download_artifacts(run_id=version.run_id, tracking_uri=mlflow_client.tracking_uri)
    )
    assert read_profile((root / PROFILE_FILE).read_bytes()).data == tuple(files.values())
    keys = read_keys((root / KEYS_FILE).read_bytes())
    assert keys.hold(pd.read_parquet(trips / "train.parquet")["key"].tolist()).all()
    assert keys.hold(pd.read_parquet(trips / "validation.parquet")["key"].tolist()).all()
    assert not keys.hold(pd.read_parquet(trips / "holdout.parquet")["key"].tolist()).any()
    assert "Connected to" in (root / "model_summary.txt").read_text()
    assert [epoch.number for epoch in epochs] == [1, 2]
    assert len(mlflow_client.get_metric_history(version.run_id, "loss")) == 2

    served = mlflow.pyfunc.load_model(f"models:/taxi-fare/{made.version}")
    holdout = pd.read_parquet(trips / "holdout.parquet")
    answers = served.predict(holdout[served.metadata.get_input_schema().input_names()])
    assert answers.shape == (len(holdout), 1)
    assert all(map(math.isfinite, served.predict(served.input_example)[:, 0]))

    again = trained(trips, plan, epochs.append)
    assert (again.version, again.val_rmse) == (made.version + 1, made.val_rmse)


@pytest.mark.keras
@pytest.mark.filterwarnings("ignore")
def test_a_loss_that_is_no_number_fails_the_run_and_registers_nothing(trips, mlflow_client):
    plan = Plan("linear", epochs=3, learning_rate=1e30)
    with pytest.raises(LossInvalid, match="in epoch 1 of 3"):
        trained(trips, plan, print)
    assert [run.info.status for run in runs(mlflow_client)] == ["FAILED"]
    assert list(mlflow_client.search_model_versions()) == []


@pytest.mark.keras
@pytest.mark.filterwarnings("ignore")
def test_a_folder_that_is_not_whole_is_refused_before_any_run(tmp_path, mlflow_client):
    with pytest.raises(TripsInvalid, match=r"holds no summary\.json"):
        trained(tmp_path, Plan(), print)
    assert list(runs(mlflow_client)) == []


@pytest.mark.keras
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "boosted"])
def test_every_kind_takes_every_column_and_gives_one_answer_a_row(trips, kind):
    from training.etl.features import FEATURES
    from training.fitting import network_of
    from training.models.network import named
    from training.rows import load

    rows = load(trips / "validation.parquet")
    model = network_of(Plan(kind).settled(len(rows)), rows).whole()
    assert {tensor.name for tensor in model.inputs} == set(FEATURES)
    assert model.predict(named(rows.columns), verbose=0).shape == (len(rows), 1)


def test_fares_that_are_all_the_same_teach_nothing(tmp_path):
    import duckdb

    from training.etl.features import FEATURES
    from training.rows import read

    columns = ", ".join(f"1::FLOAT AS {name}" for name in FEATURES)
    for split in ("train", "validation"):
        rows = duckdb.sql(f"SELECT range AS key, 8.5 AS fare_amount, {columns} FROM range(50)")
        rows.write_parquet(str(tmp_path / f"{split}.parquet"))
    (tmp_path / "summary.json").write_text("{}")
    with pytest.raises(
        TripsInvalid, match=r"all 50 trips of .* cost 8\.50 dollars: there is nothing to learn"
    ):
        read(tmp_path, 0, 7)


def test_a_server_that_is_away_is_told_at_once_with_exit_code_3(tmp_path):
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
    words = ["--data", str(tmp_path), "--owner", "pricing", "--tracking-uri", f"http://127.0.0.1:{port}"]
    ran = CliRunner().invoke(main, words)
    assert ran.exit_code == 3
    assert "no MLflow server answers" in ran.output
    with pytest.raises(RegistryUnavailable):
        reach(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("INTERNAL_ERROR", RegistryUnavailable),
        ("TEMPORARILY_UNAVAILABLE", RegistryUnavailable),
        ("INVALID_PARAMETER_VALUE", RegistryRefused),
        ("PERMISSION_DENIED", RegistryRefused),
    ],
)
def test_mlflow_s_errors_say_whether_to_try_again(code, kind):
    from mlflow.exceptions import MlflowException
    from mlflow.protos import databricks_pb2

    error = MlflowException("so it is", error_code=databricks_pb2.ErrorCode.Value(code))
    assert isinstance(named(error, "http://mlflow"), kind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_plan_takes_what_suits_its_kind_unless_told(kind):
    assert Plan(kind).settled(1_000).epochs == KINDS[kind].epochs
    told = Plan(kind, epochs=3, learning_rate=0.5).settled(1_000)
    assert (told.epochs, told.learning_rate) == (3, 0.5)


@pytest.mark.parametrize(("rows", "batch"), [(300, 32), (1_200, 50), (6_267, 256), (3_000_000, 256)])
def test_the_default_takes_enough_steps_also_of_few_rows_unless_told(rows, batch):
    assert Plan("default").settled(rows).batch_size == batch
    assert Plan("default", batch_size=64).settled(rows).batch_size == 64
    assert Plan("seed").settled(rows).batch_size == 512


def test_outside_a_checkout_the_commit_is_unknown(tmp_path):
    assert git_commit(tmp_path) == "unknown"


def test_inside_a_checkout_the_commit_is_named(tmp_path):
    commit = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x"]
    for words in (["git", "init", "-q"], commit):
        subprocess.run(words, cwd=tmp_path, check=True)
    assert len(git_commit(tmp_path)) == 40


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["--model", "forest"], id="unknown kind"),
        pytest.param(["--epochs", "many"], id="text for a number"),
        pytest.param(["--rows", "-1"], id="negative rows"),
        pytest.param(["--seed", "-1"], id="negative seed"),
        pytest.param(["--seed", str(2**32)], id="larger seed than NumPy takes"),
        pytest.param(["--name", "taxi/fare"], id="name with a slash"),
        pytest.param(["--name", "taxi:fare"], id="name with a colon"),
        pytest.param(["--name", " "], id="no name"),
        pytest.param(["--owner", ""], id="no owner"),
        pytest.param(["--learning-rate", "nan"], id="no number for a number"),
    ],
)
def test_a_wrong_call_is_exit_code_2(words, tmp_path):
    assert CliRunner().invoke(main, ["--data", str(tmp_path), "--owner", "pricing", *words]).exit_code == 2


@pytest.mark.keras
@pytest.mark.parametrize(
    "command",
    [
        ("training.train", "--data", ".", "--owner", "pricing"),
        ("training.register", "--run", "0123", "--owner", "pricing"),
        ("training.predict.following", "--data", "train.parquet"),
    ],
    ids=lambda command: command[0],
)
def test_an_address_that_is_no_mlflow_s_is_told_in_a_sentence(trips, command):
    module, *words = command
    ran = subprocess.run(
        [sys.executable, "-m", module, *words, "--tracking-uri", "htp://nowhere"],
        cwd=trips, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode in (1, 3)
    assert "Error: MLflow at htp://nowhere" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.keras
@pytest.mark.filterwarnings("ignore")
def test_under_mlflow_run_the_run_already_there_is_used(trips, mlflow_client, monkeypatch):
    begun = mlflow_client.create_run(mlflow_client.get_experiment_by_name("trips").experiment_id)
    for name, value in {
        "epochs": "0",
        "learning_rate": "0",
        "rows": "0",
        "seed": "7",
        "batch_size": "256",
    }.items():
        mlflow_client.log_param(begun.info.run_id, name, value)
    monkeypatch.setenv("MLFLOW_RUN_ID", begun.info.run_id)
    made = trained(trips, Plan("linear"), lambda _: None)
    assert made.run_id == begun.info.run_id
    assert mlflow_client.get_run(made.run_id).data.params["plan_learning_rate"] == "0.02"
