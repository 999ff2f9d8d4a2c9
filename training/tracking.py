"""A training run as MLflow's tracking sees it: what went in, every epoch, the model. Registers nothing.

This module imports MLflow and TensorFlow, which takes seconds: a command line reaches for it last.
"""

import hashlib
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import mlflow
import mlflow.tensorflow
import pandas as pd
from mlflow.data.numpy_dataset import from_numpy
from mlflow.data.sources import LocalArtifactDatasetSource  # type: ignore[attr-defined]  # MLflow makes it while importing
from mlflow.models import infer_signature

from registry.profiles import PROFILE_FILE
from registry.training_keys import KEYS_FILE
from training.errors import TripsInvalid
from training.etl.folder import SUMMARY, digest_of, parts
from training.fitting import Epoch, Fitted, Rows, fit, load
from training.keys import keys_of
from training.plan import Plan
from training.profile import profile_of
from training.provenance import Provenance

SEEN: Final = ("train", "validation")
"""The splits that training may see; the hold-out is the gate's."""

_EXAMPLE_ROWS: Final = 3
_DIGEST_LENGTH: Final = 32
"""MLflow takes at most 36 characters for a data set's digest."""


@dataclass(frozen=True)
class Logged:
    """A finished run and the model that it logged."""

    run_id: str
    model_id: str
    data_sha256: str
    fitted: Fitted


def track(data: Path, plan: Plan, provenance: Provenance, tell: Callable[[Epoch], None]) -> Logged:
    """Fit a settled plan to a folder of `training.etl`, inside an MLflow run.

    The run is the one that `mlflow run` began for this process, or else a new one. Raises TripsInvalid before
    a run is begun, LossInvalid with the run marked failed, and whatever MLflow raises.
    """
    digest = _digest(data)
    splits = {split: load(data / f"{split}.parquet") for split in SEEN}
    train = splits["train"].some(plan.rows, plan.seed)
    tags = {"mlflow.user": provenance.author, "data_sha256": digest, **provenance.tags()}
    with mlflow.start_run(tags=tags) as run:
        _log_input(data, digest, splits | {"train": train}, plan)
        _log_keys(data)
        mlflow.log_dict(provenance.packages, "packages.json")
        fitted = fit(train, splits["validation"], plan, _logging(tell))
        _log_best(fitted, plan)
        _log_profile(fitted, train, data)
        return Logged(run.info.run_id, _log_model(fitted, train, provenance), digest, fitted)


def _digest(data: Path) -> str:
    """SHA-256 over the splits that training sees. Raises TripsInvalid for a folder that is not whole."""
    if not (data / SUMMARY).is_file():
        raise TripsInvalid(
            f"{data} holds no {SUMMARY}: `python -m training.etl` did not fill it, or not to the end"
        )
    digest = hashlib.sha256()
    for split in SEEN:
        for part in parts(data / f"{split}.parquet"):
            digest.update(part.read_bytes())
    return digest.hexdigest()


def _log_input(data: Path, digest: str, seen: Mapping[str, Rows], plan: Plan) -> None:
    mlflow.log_params(_params(plan) | {"data_sha256": digest, "train_rows": len(seen["train"])})
    mlflow.log_artifact(str(data / SUMMARY))
    for split, context in zip(SEEN, ("training", "validation"), strict=True):
        file = data / f"{split}.parquet"
        dataset = from_numpy(
            seen[split].inputs,
            targets=seen[split].fares,
            source=LocalArtifactDatasetSource(str(file)),
            name=f"trips for {context}",
            digest=digest_of(file)[:_DIGEST_LENGTH],
        )
        mlflow.log_input(dataset, context=context)


def _log_keys(data: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / KEYS_FILE
        file.write_bytes(keys_of([data / f"{split}.parquet" for split in SEEN]))
        mlflow.log_artifact(str(file))


def _params(plan: Plan) -> dict[str, Any]:
    """Name the settled plan; `mlflow run` logged its own words, zeros too, and they cannot be changed."""
    params = asdict(plan)
    return params | {
        "epochs_at_most": params.pop("epochs"),
        "learning_rate_start": params.pop("learning_rate"),
    }


def _logging(tell: Callable[[Epoch], None]) -> Callable[[Epoch], None]:
    def ended(epoch: Epoch) -> None:
        mlflow.log_metrics(epoch.metrics, step=epoch.number)
        tell(epoch)

    return ended


def _log_best(fitted: Fitted, plan: Plan) -> None:
    """Log the best epoch's errors after all others: a run's last value is the one that a gate reads."""
    errors = {"val_rmse": fitted.val_rmse, "val_mae": fitted.val_mae, "best_epoch": fitted.best_epoch}
    mlflow.log_metrics(errors, step=plan.epochs + 1)


def _log_profile(fitted: Fitted, train: Rows, data: Path) -> None:
    """Log what the training rows and the answers to them look like, so that drift from them can be told."""
    files = tuple(digest_of(data / f"{split}.parquet") for split in SEEN)
    answers = fitted.network.predict(train.inputs, batch_size=8192, verbose=0)
    mlflow.log_dict(profile_of(train.inputs, answers, files).model_dump(mode="json"), PROFILE_FILE)


def _log_model(fitted: Fitted, train: Rows, provenance: Provenance) -> str:
    """Log the network with signature and example; pinned packages spare MLflow seconds of guessing."""
    example: dict[str, Any] = {name: column[:_EXAMPLE_ROWS] for name, column in train.inputs.items()}
    answer = fitted.network.predict(example, verbose=0)
    logged = mlflow.tensorflow.log_model(
        fitted.network,
        name="model",
        signature=infer_signature(example, answer),
        input_example=pd.DataFrame({name: column[:, 0] for name, column in example.items()}),
        pip_requirements=provenance.requirements(),
    )
    return str(logged.model_id)
