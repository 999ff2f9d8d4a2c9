"""A run of the ETL as MLflow's tracking sees it: counts, summary, profile, and the data set itself."""

import os
from pathlib import Path
from typing import Final

import mlflow
from mlflow.data.meta_dataset import MetaDataset
from mlflow.data.sources import LocalArtifactDatasetSource  # type: ignore[attr-defined]  # MLflow makes it while importing
from mlflow.exceptions import MlflowException

from training.etl.folder import DATA_PROFILE, SUMMARY, digest_of
from training.etl.summary import Summary
from training.server import named, reach

_SHARES: Final = "trips.json"
"""A table, as MLflow shows them: what became of the trips."""
_DIGEST_LENGTH: Final = 32
"""MLflow takes at most 36 characters for a data set's digest."""


def log(summary: Summary, out: Path, uri: str, experiment: str) -> None:
    """Log a folder that the ETL filled: to the run that `mlflow run` began, or else to a new one.

    Raises RegistryUnavailable, RegistryRefused; the folder is whole by then.
    """
    reach(uri)
    mlflow.set_tracking_uri(uri)
    try:
        if "MLFLOW_RUN_ID" not in os.environ:
            mlflow.set_experiment(experiment)
        with mlflow.start_run(tags={"data_sha256": summary.input_sha256}):
            mlflow.log_metrics(summary.metrics())
            mlflow.log_table(summary.shares(), _SHARES)
            for name in (SUMMARY, DATA_PROFILE):
                mlflow.log_artifact(str(out / name))
            for split in summary.rows:
                _log_split(out / f"{split}.parquet", split)
    except MlflowException as error:
        raise named(error, uri) from error


def _log_split(file: Path, split: str) -> None:
    source = LocalArtifactDatasetSource(str(file.absolute()))  # for those who ask from elsewhere
    dataset = MetaDataset(  # type: ignore[abstract]  # MLflow leaves its profile to be None
        source, name=f"trips for {split}", digest=digest_of(file)[:_DIGEST_LENGTH]
    )
    mlflow.log_input(dataset, context=split)
