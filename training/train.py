"""Trains a candidate and registers it: `python -m training.train --data FOLDER --owner TEAM`.

Everything is logged first and the version is created last of all, so that nobody judges half a candidate.
MLflow and TensorFlow take seconds to import, so they are reached for once the call itself is in order.
"""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from training.errors import told
from training.plan import KINDS, Plan
from training.provenance import Provenance, trace
from training.server import named, reach

if TYPE_CHECKING:
    from training.fitting import Epoch

_THREADS: Final = 2


@dataclass(frozen=True)
class Candidate:
    """A version that was registered, and its run's errors in dollars on the validation rows."""

    name: str
    version: int
    run_id: str
    model_id: str
    val_rmse: float
    val_mae: float
    best_epoch: int
    data_sha256: str
    git_commit: str

    def __str__(self) -> str:
        errors = f"validation rmse {self.val_rmse:.2f}, mae {self.val_mae:.2f} dollars"
        origin = f"best epoch {self.best_epoch}, run {self.run_id}"
        return f"registered {self.name} version {self.version}: {errors}, {origin}"


def train(
    data: Path, plan: Plan, provenance: Provenance, *, name: str, tell: "Callable[[Epoch], None]"
) -> Candidate:
    """Train on a folder of `training.etl`, log to the MLflow that is set up, register the model as `name`.

    Raises TripsInvalid, LossInvalid, RegistryUnavailable, RegistryRefused; after any of them no version
    was created, unless MLflow went away in the very moment of creating it.
    """
    import mlflow
    from mlflow.exceptions import MlflowException

    from training.register import register
    from training.tracking import track

    try:
        logged = track(data, plan.settled(), provenance, tell)
        version = register(mlflow.MlflowClient(), name, (logged.run_id, logged.model_id), provenance.tags())
    except MlflowException as error:
        raise named(error, mlflow.get_tracking_uri()) from error
    return Candidate(
        name=name,
        version=version,
        run_id=logged.run_id,
        model_id=logged.model_id,
        val_rmse=logged.fitted.val_rmse,
        val_mae=logged.fitted.val_mae,
        best_epoch=logged.fitted.best_epoch,
        data_sha256=logged.data_sha256,
        git_commit=provenance.git_commit,
    )


@click.command(epilog="Example: python -m training.train --data trips/ --model seed --owner pricing")
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that the ETL wrote.",
)
@click.option("--owner", required=True, help="Team that answers for the model.")
@click.option(
    "--model",
    "kind",
    default="seed",
    show_default=True,
    type=click.Choice(list(KINDS)),
    help="Kind of network.",
)
@click.option(
    "--epochs", default=0, type=click.IntRange(min=0), help="At most; 0 takes what suits the model."
)
@click.option("--batch-size", default=256, show_default=True, type=click.IntRange(min=1))
@click.option(
    "--learning-rate", default=0.0, type=click.FloatRange(min=0), help="0 takes what suits the model."
)
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same model.")
@click.option(
    "--rows", default=0, type=click.IntRange(min=0), help="Train on so many rows only; 0 takes all."
)
@click.option("--author", default="", help="Who trains; default: the user logged in.")
@click.option("--name", default="taxi-fare", show_default=True, help="Registered model.")
@click.option("--experiment", default="taxi-fare", show_default=True, help="MLflow experiment.")
@click.option(
    "--tracking-uri", envvar="MLFLOW_TRACKING_URI", default="", help="MLflow; default: MLFLOW_TRACKING_URI."
)
@click.option("--json", "as_json", is_flag=True, help="Print the candidate as JSON, the progress on stderr.")
def main(tracking_uri: str, experiment: str, as_json: bool, **words: Any) -> None:
    """Train a model of taxi fares and register it; the last line is the number of its version."""
    data, name = words.pop("data"), words.pop("name")
    with told():
        reach(tracking_uri)
        provenance = trace(words.pop("owner"), words.pop("author"))
        click.echo("loading MLflow and TensorFlow", err=as_json)
        _prepare(tracking_uri, experiment)
        candidate = train(data, Plan(**words), provenance, name=name, tell=_say(err=as_json))
    click.echo(json.dumps(asdict(candidate)) if as_json else f"{candidate}\n{candidate.version}")


def _prepare(tracking_uri: str, experiment: str) -> None:
    """Set this process up: quiet libraries, two threads, repeatable arithmetic, the experiment."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
    import keras
    import mlflow
    import tensorflow as tf

    keras.utils.disable_interactive_logging()
    tf.config.threading.set_intra_op_parallelism_threads(_THREADS)
    tf.config.threading.set_inter_op_parallelism_threads(_THREADS)
    tf.config.experimental.enable_op_determinism()
    if tracking_uri:
        mlflow.set_tracking_uri(tracking_uri)
    if (
        "MLFLOW_RUN_ID" not in os.environ
    ):  # under `mlflow run`, the run and so its experiment are there already
        mlflow.set_experiment(experiment)


def _say(*, err: bool) -> "Callable[[Epoch], None]":
    def epoch_ended(epoch: "Epoch") -> None:
        click.echo(
            f"epoch {epoch.number} of {epoch.of}: validation rmse {epoch.metrics['val_rmse']:.2f},"
            f" mae {epoch.metrics['val_mae']:.2f} dollars",
            err=err,
        )

    return epoch_ended


if __name__ == "__main__":
    main()
