"""The model in service asked by others: many rows on Spark, and over HTTP."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from tests.conftest import free_port
from training.etl.columns import TARGET
from training.etl.features import FEATURES
from training.predict.on_spark import main as on_spark

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def saved(tmp_path):
    """A model that answers twice the distance, and five rows to ask it about."""
    import mlflow
    from mlflow.models import infer_signature

    rows = pd.DataFrame({name: [1.0, 2.0, 3.0, 4.0, 5.0] for name in FEATURES}, dtype="float32")

    def twice(model_input):
        return (model_input["distance_km"] * 2).to_numpy()

    signature = infer_signature(rows, rows["distance_km"])
    mlflow.pyfunc.save_model(
        tmp_path / "model", python_model=twice, pip_requirements=[], signature=signature, input_example=rows
    )
    rows.assign(**{TARGET: 9.0}).to_parquet(tmp_path / "rows.parquet")
    return tmp_path


def environ():
    return os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}


@pytest.mark.spark
def test_many_rows_are_asked_on_spark(saved):
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, and there is none here")
    words = ("--model", saved / "model", "--data", saved / "rows.parquet", "--out", saved / "out")
    command = [sys.executable, "-m", "training.predict.on_spark", "--master", "local[1]", *map(str, words)]
    done = subprocess.run(command, env=environ(), cwd=saved, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("5 trips with their predicted fares")
    told = pd.read_parquet(saved / "out").sort_values("distance_km")
    assert told["predicted"].tolist() == [2.0, 4.0, 6.0, 8.0, 10.0]
    assert told[TARGET].tolist() == [9.0] * 5


@pytest.mark.spark
def test_rows_that_are_not_there_are_told_in_a_sentence(saved):
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, and there is none here")
    words = ("--model", saved / "model", "--data", saved / "nowhere.parquet", "--out", saved / "out")
    command = [sys.executable, "-m", "training.predict.on_spark", "--master", "local[1]", *map(str, words)]
    done = subprocess.run(command, env=environ(), cwd=saved, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "cannot be read as a split" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_with_files_of_others_is_not_emptied(saved):
    ran = CliRunner().invoke(on_spark, ["--data", str(saved / "rows.parquet"), "--out", str(saved)])
    assert ran.exit_code == 3
    assert "name another folder" in ran.output
    assert (saved / "rows.parquet").is_file()


def test_a_server_of_mlflow_s_answers_over_http(saved):
    port = free_port()
    command = [
        sys.executable, "-m", "mlflow", "models", "serve", "--model-uri", str(saved / "model"),
        "--env-manager", "local", "--port", str(port),
    ]  # fmt: skip
    binaries = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    log = (saved / "serve.log").open("wb")
    server = subprocess.Popen(
        command, env=environ() | {"PATH": binaries}, stdout=log, stderr=log, start_new_session=True
    )
    try:
        body = (saved / "model" / "serving_input_example.json").read_bytes()
        told = asked(server, f"http://127.0.0.1:{port}/invocations", body)
        assert told["predictions"] == [2.0, 4.0, 6.0, 8.0, 10.0]
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        log.close()


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
