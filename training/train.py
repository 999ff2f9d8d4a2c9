"""Trains a candidate and registers it: `python -m training.train --data FOLDER --owner TEAM`.

Everything is logged first and the version is created last of all, so that nobody judges half a candidate.
MLflow and TensorFlow take seconds to import, so they are reached for once the call itself is in order.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from training.devices import quiet, repeatable
from training.errors import told
from training.options import NAME, OWNER, SEED, finite
from training.plan import ACTIVATIONS, KINDS, Plan
from training.provenance import Provenance, trace
from training.server import named, reach
from training.stopping import stoppable

if TYPE_CHECKING:
    from training.epoch import Tell

CHECKPOINTS: Final = Path.home() / ".cache" / "taxi-fare" / "checkpoints"


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
    repeated: str = ""
    """How it compares with an earlier run of the same data, plan and seed, if there is one."""

    def __str__(self) -> str:
        errors = f"validation rmse {self.val_rmse:.2f}, mae {self.val_mae:.2f} dollars"
        origin = f"best epoch {self.best_epoch}, run {self.run_id}"
        said = f"{self.repeated}\n" if self.repeated else ""
        return f"{said}registered {self.name} version {self.version}: {errors}, {origin}"


def train(
    data: Path, plan: Plan, provenance: Provenance, *, name: str, checkpoints: Path, tell: "Tell"
) -> Candidate:
    """Train on a folder of `training.etl`, log to the MLflow that is set up, register the model as `name`.

    Raises TripsInvalid, LossInvalid, RegistryUnavailable, RegistryRefused; after any of them no version
    was created, unless MLflow went away in the very moment of creating it.
    """
    import mlflow
    from mlflow.exceptions import MlflowException

    from training.register import register
    from training.repeated import hold_against_earlier
    from training.rows import read
    from training.tracking import track

    trips = read(data, plan.rows, plan.seed)
    try:
        logged = track(trips, plan.settled(len(trips.train)), provenance, tell, checkpoints=checkpoints)
        repeated = hold_against_earlier(mlflow.MlflowClient(), logged.run_id)
        version = register(mlflow.MlflowClient(), name, (logged.run_id, logged.model_id), provenance.tags())
    except MlflowException as error:
        raise named(error, mlflow.get_tracking_uri()) from error
    return Candidate(
        name=name,
        version=version,
        run_id=logged.run_id,
        model_id=logged.model_id,
        val_rmse=logged.fitted.errors["val_rmse"],
        val_mae=logged.fitted.errors["val_mae"],
        best_epoch=logged.fitted.best_epoch,
        data_sha256=logged.data_sha256,
        git_commit=provenance.git_commit,
        repeated=repeated,
    )


@click.command(epilog="Example: python -m training.train --data trips/ --owner pricing")
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that the ETL wrote.",
)
@OWNER
@click.option(
    "--model",
    "kind",
    default="default",
    show_default=True,
    type=click.Choice(list(KINDS)),
    help="Kind of model; seed is the case study's network.",
)
@click.option(
    "--epochs", default=0, type=click.IntRange(min=0), help="At most; 0 takes what suits the model."
)
@click.option("--batch-size", default=0, type=click.IntRange(min=0), help="0 takes what suits the model.")
@click.option(
    "--learning-rate",
    default=0.0,
    type=click.FloatRange(min=0),
    callback=finite,
    help="0 takes what suits the model.",
)
@click.option(
    "--activation",
    default="",
    type=click.Choice(["", *ACTIVATIONS]),
    help="Of the hidden layers; default: what suits the model.",
)
@click.option("--seed", default=7, show_default=True, type=SEED, help="The same seed gives the same model.")
@click.option(
    "--rows", default=0, type=click.IntRange(min=0), help="Train on so many rows only; 0 takes all."
)
@click.option(
    "--threads",
    default=2,
    show_default=True,
    type=click.IntRange(min=1),
    help="With 1, metrics repeat to 1e-6.",
)
@click.option("--author", default="", help="Who trains; default: the user logged in.")
@NAME
@click.option("--experiment", default="taxi-fare", show_default=True, help="MLflow experiment.")
@click.option(
    "--tracking-uri", envvar="MLFLOW_TRACKING_URI", default="", help="MLflow; default: MLFLOW_TRACKING_URI."
)
@click.option(
    "--checkpoints",
    default=CHECKPOINTS,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder from which the same call goes on after a kill; default: below ~/.cache.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the candidate as JSON, the progress on stderr.")
def main(tracking_uri: str, experiment: str, as_json: bool, threads: int, **words: Any) -> None:
    """Train a model of taxi fares and register it; the last line is the number of its version."""
    data, name, checkpoints = (words.pop(word) for word in ("data", "name", "checkpoints"))
    left = "nothing is registered; the same call goes on from its last checkpoint"
    with told(), stoppable(left):
        reach(tracking_uri)
        provenance = trace(words.pop("owner"), words.pop("author"))
        click.echo("loading MLflow and TensorFlow", err=as_json)
        begin(tracking_uri, experiment, threads)
        from training.progress import shown

        with shown(err=as_json) as tell:
            candidate = train(data, Plan(**words), provenance, name=name, checkpoints=checkpoints, tell=tell)
    click.echo(json.dumps(asdict(candidate)) if as_json else f"{candidate}\n{candidate.version}")


def begin(tracking_uri: str, experiment: str, threads: int) -> None:
    """Set this process up: quiet libraries, threads, repeatable arithmetic, the server, the experiment.

    Raises RegistryUnavailable, RegistryRefused.
    """
    quiet()
    import mlflow
    from mlflow.exceptions import MlflowException

    repeatable(threads)
    if tracking_uri:
        mlflow.set_tracking_uri(tracking_uri)
    try:
        if "MLFLOW_RUN_ID" not in os.environ:  # under `mlflow run`, the run and so its experiment are there
            mlflow.set_experiment(experiment)
    except MlflowException as error:
        raise named(error, mlflow.get_tracking_uri()) from error


if __name__ == "__main__":
    main()
