"""Logs what goes into a training, before it begins: plan, device, data sets, the keys that it will see."""

import platform
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import mlflow
from mlflow.data.numpy_dataset import from_numpy
from mlflow.data.sources import LocalArtifactDatasetSource  # type: ignore[attr-defined]  # MLflow makes it while importing
from mlflow.exceptions import MlflowException

from registry.training_keys import KEYS_FILE
from training.devices import devices, threads
from training.etl.folder import DATA_PROFILE, SUMMARY, digest_of
from training.keys import keys_of
from training.models.network import named
from training.plan import Plan
from training.rows import SEEN, Rows, Trips

_DIGEST_LENGTH: Final = 32
"""MLflow takes at most 36 characters for a data set's digest."""


def log_input(trips: Trips, plan: Plan) -> None:
    """Log to the active run; logging the same again changes nothing."""
    device = ", ".join(devices())
    machine = {"device": device, "threads": threads(), "machine": f"{platform.system()} {platform.machine()}"}
    words = {"data_sha256": trips.digest, "train_rows": len(trips.train)} | machine
    mlflow.log_params(_params(plan) | words)
    for name in (SUMMARY, DATA_PROFILE):
        if (trips.folder / name).is_file():
            mlflow.log_artifact(str(trips.folder / name))
    for split, rows, context in zip(
        SEEN, (trips.train, trips.validation), ("training", "validation"), strict=True
    ):
        _log_split(trips.folder / f"{split}.parquet", rows, context)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / KEYS_FILE
        file.write_bytes(keys_of([trips.folder / f"{split}.parquet" for split in SEEN]))
        mlflow.log_artifact(str(file))


def _log_split(file: Path, rows: Rows, context: str) -> None:
    dataset = from_numpy(
        named(rows.columns),
        targets=rows.fares,
        source=LocalArtifactDatasetSource(str(file.absolute())),
        name=f"trips for {context}",
        digest=digest_of(file)[:_DIGEST_LENGTH],
    )
    try:
        mlflow.log_input(dataset, context=context)
    except MlflowException:  # of two processes that bring a new data set at once, MLflow refuses one
        mlflow.log_input(dataset, context=context)


def _params(plan: Plan) -> dict[str, Any]:
    """Name the settled plan; `mlflow run` logged its own words, zeros too, and they cannot be changed."""
    params = asdict(plan)
    for name in ("epochs", "batch_size", "learning_rate", "activation"):
        params[f"plan_{name}"] = params.pop(name)
    return params
