"""A run of the ETL in MLflow: counts as metrics, summary, profile, and the splits as data sets."""

import json
import os
import subprocess
import sys
from pathlib import Path

import mlflow
import pytest
from click.testing import CliRunner

from training.etl.__main__ import main
from training.etl.logged import log
from training.etl.prepare import prepare


@pytest.mark.filterwarnings("ignore")  # MLflow warns of matters of its own
def test_a_prepared_folder_is_logged_with_its_counts_and_data_sets(
    csv_file, good_rows, tmp_path, monkeypatch
):
    monkeypatch.delenv("MLFLOW_RUN_ID", raising=False)
    out, uri = tmp_path / "out", f"sqlite:///{tmp_path}/mlflow.db"
    summary = prepare(str(csv_file(*good_rows(60), "short")), out)
    monkeypatch.chdir(tmp_path)
    client = mlflow.MlflowClient(uri)
    experiment = client.create_experiment("trips", artifact_location=(tmp_path / "artifacts").as_uri())
    try:
        log(summary, Path("out"), uri, "trips")
    finally:
        mlflow.set_tracking_uri(None)
    (run,) = client.search_runs([experiment])
    assert run.info.status == "FINISHED"
    assert run.data.metrics["dropped_broken_line"] == 1
    assert run.data.metrics["rows_train"] == summary.rows["train"]
    assert {each.dataset.name for each in run.inputs.dataset_inputs} == {
        "trips for train", "trips for validation", "trips for holdout",
    }  # fmt: skip
    sources = {json.loads(each.dataset.source)["uri"] for each in run.inputs.dataset_inputs}
    assert sources == {str(out / f"{split}.parquet") for split in summary.rows}
    assert {file.path for file in client.list_artifacts(run.info.run_id)} == {
        "summary.json",
        "data-profile.json",
        "trips.json",
    }
    table = json.loads(Path(client.download_artifacts(run.info.run_id, "trips.json")).read_text())
    assert table["data"][0] == ["dropped: broken line", 1, pytest.approx(1 / 61)]


def test_a_server_that_is_away_is_told_before_the_trips_are_read(csv_file, good_rows, tmp_path):
    words = ("--data", csv_file(*good_rows(60)), "--out", tmp_path / "out")
    ran = CliRunner().invoke(main, [*map(str, words), "--tracking-uri", "http://127.0.0.1:9"])
    assert ran.exit_code == 3
    assert "no MLflow server answers at http://127.0.0.1:9" in ran.output
    assert not (tmp_path / "out").exists()


@pytest.mark.mlflow
def test_beside_its_json_nothing_is_printed(csv_file, good_rows, tmp_path, mlflow_server):
    words = ("--data", csv_file(*good_rows(60)), "--out", tmp_path / "out", "--json")
    environ = {k: v for k, v in os.environ.items() if k != "MLFLOW_RUN_ID"} | {
        "MLFLOW_TRACKING_URI": mlflow_server
    }
    command = [sys.executable, "-m", "training.etl", *map(str, words)]
    ran = subprocess.run(
        command, cwd=Path(__file__).parents[3], env=environ, capture_output=True, text=True, check=True
    )
    assert sum(json.loads(ran.stdout)["rows"].values()) == 60
