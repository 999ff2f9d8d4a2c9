"""A version that the trainer made, in the hands of all its consumers: on Spark, over HTTP, and followed."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import mlflow
import pandas as pd
import pytest
from click.testing import CliRunner

from tests.conftest import free_port, running_mlflow
from training.etl.columns import TARGET
from training.etl.prepare import prepare
from training.predict.on_spark import insist_on_own
from training.predict.on_spark import main as on_spark

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.keras, pytest.mark.mlflow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A registry with a network of the trainer's in Production, and the trips that it was not trained on."""
    from training.trip_files import write

    folder = tmp_path_factory.mktemp("consumers")
    write(folder / "trips.csv", 1_500, 5, lambda _: None)
    prepare(str(folder / "trips.csv"), folder / "splits")
    with running_mlflow(folder) as url:
        promote(url, trained(folder, url, seed=1))
        yield folder, url


def environ(url):
    binaries = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    words = {
        "MLFLOW_TRACKING_URI": url,
        "PYTHONPATH": str(ROOT),
        "PATH": binaries,
        "PYTHONWARNINGS": "ignore",
    }
    return os.environ | words


def trained(folder, url, seed):
    """The number of a new version."""
    words = ("--data", "splits", "--owner", "pricing", "--epochs", "3", "--seed", str(seed), "--json")
    command = (sys.executable, "-m", "training.train", *words, "--checkpoints", "checkpoints")
    done = subprocess.run(command, env=environ(url), cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["version"]


def promote(url, version):
    client = mlflow.MlflowClient(url, url)
    client.transition_model_version_stage(
        "taxi-fare", str(version), "Production", archive_existing_versions=True
    )


def example(url, version):
    """Rows with the answers that the network itself gave when it was logged."""
    client = mlflow.MlflowClient(url, url)
    run_id = client.get_model_version("taxi-fare", str(version)).run_id
    kept = json.loads(Path(client.download_artifacts(run_id, "example.json")).read_text())
    return pd.DataFrame(kept["rows"], dtype="float32"), kept["dollars"]


@pytest.mark.spark
def test_many_rows_are_asked_on_spark(place):
    folder, url = place
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, and there is none here")
    rows, dollars = example(url, 1)
    rows.assign(**{TARGET: 9.0, "number": range(len(rows))}).to_parquet(folder / "rows.parquet")
    command = [sys.executable, "-m", "training.predict.on_spark", "--master", "local[1]"]
    words = ["--data", folder / "rows.parquet", "--out", folder / "answers"]
    done = subprocess.run(
        [*command, *words], env=environ(url), cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{len(rows)} trips with their predicted fares")
    told = pd.read_parquet(folder / "answers").sort_values("number")
    assert told["predicted"].tolist() == pytest.approx(dollars, rel=1e-4)
    assert told[TARGET].tolist() == [9.0] * len(rows)
    insist_on_own(str(folder / "answers"))  # the same call may come again


@pytest.mark.spark
def test_rows_that_are_not_there_are_told_in_a_sentence(place):
    folder, url = place
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, and there is none here")
    words = ("--data", folder / "nowhere.parquet", "--out", folder / "out", "--master", "local[1]")
    command = [sys.executable, "-m", "training.predict.on_spark", *map(str, words)]
    done = subprocess.run(command, env=environ(url), cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "cannot be read as a split" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "name", ["rows.parquet", "part-00000-a.parquet"], ids=["anybody's", "another Spark job's"]
)
def test_a_folder_with_files_of_others_is_not_emptied(tmp_path, name):
    pd.DataFrame({TARGET: [9.0]}).to_parquet(tmp_path / name)
    (tmp_path / "_SUCCESS").touch()
    ran = CliRunner().invoke(on_spark, ["--data", str(tmp_path / name), "--out", str(tmp_path)])
    assert ran.exit_code == 3
    assert "name another folder" in ran.output
    assert (tmp_path / name).is_file()


def test_a_server_of_mlflow_s_answers_over_http(place):
    folder, url = place
    rows, dollars = example(url, 1)
    port = free_port()
    command = [
        sys.executable, "-m", "mlflow", "models", "serve", "--model-uri", "models:/taxi-fare/Production",
        "--env-manager", "local", "--port", str(port),
    ]  # fmt: skip
    with (folder / "serve.log").open("wb") as log:
        server = subprocess.Popen(
            command, env=environ(url), cwd=folder, stdout=log, stderr=log, start_new_session=True
        )
        try:
            body = json.dumps({"dataframe_split": rows.to_dict("split")}).encode()
            told = asked(server, f"http://127.0.0.1:{port}/invocations", body)
        finally:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
    assert [row[0] for row in told["predictions"]] == pytest.approx(dollars, rel=1e-4)


def asked(server, url, body):
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except ConnectionError:
            time.sleep(0.5)
        except urllib.error.URLError as error:
            if isinstance(error, urllib.error.HTTPError):
                raise
            time.sleep(0.5)
    return pytest.fail("the server did not start")


def test_a_consumer_follows_a_promotion_without_a_restart(place):
    folder, url = place
    words = ("--data", folder / "splits" / "holdout.parquet", "--every", "0.2")
    follower = subprocess.Popen(
        [sys.executable, "-u", "-m", "training.predict.following", *map(str, words)],
        env=environ(url),
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        first = follower.stdout.readline()
        second_version = trained(folder, url, seed=2)
        promote(url, second_version)
        second = follower.stdout.readline()
    finally:
        follower.kill()
        follower.communicate()
    assert first.startswith("taxi-fare 1 is in service: mean of ")
    assert second.startswith(f"taxi-fare {second_version} is in service: mean of ")
    assert first.split("mean of ")[1] != second.split("mean of ")[1]
