"""A training run as MLflow's tracking sees it: what went in, every epoch, the model. Registers nothing.

This module imports MLflow and TensorFlow, which takes seconds: a command line reaches for it last.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import mlflow
from mlflow.entities import Metric, RunStatus
from mlflow.exceptions import MlflowException

from registry.profiles import PROFILE_FILE
from training.checkpoint import Checkpoint
from training.epoch import EnoughSeen, Epoch, Tell
from training.etl.folder import digest_of
from training.figures import learning_curves, predicted_against_actual
from training.fitted import Fitted
from training.fitting import fit
from training.logged_input import log_input
from training.logged_model import log_model, summary_of
from training.models.network import named
from training.plan import Plan
from training.profile import profile_of
from training.provenance import Provenance
from training.rows import SEEN, Trips

NO_TAGS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True)
class Logged:
    """A finished run and the model that it logged."""

    run_id: str
    model_id: str
    data_sha256: str
    fitted: Fitted


def track(
    trips: Trips,
    plan: Plan,
    provenance: Provenance,
    tell: Tell,
    *,
    checkpoints: Path,
    tags: Mapping[str, str] = NO_TAGS,
) -> Logged:
    """Fit a settled plan inside an MLflow run; a run that was stopped is gone on with, from its checkpoint.

    The run is the one that `mlflow run` began for this process, the one that was stopped, or a new one.
    Raises LossInvalid, with the run marked failed, KeyboardInterrupt, with it marked killed, and what MLflow
    raises.
    """
    what = asdict(plan) | {
        "data": trips.digest,
        "packages": provenance.packages,
        "to": mlflow.get_tracking_uri(),
    }
    checkpoint = Checkpoint.of(checkpoints, what)
    own = {"mlflow.user": provenance.author, "data_sha256": trips.digest, "model": plan.kind}
    told = own | provenance.tags() | provenance.more_tags() | dict(tags)
    with running(checkpoint.load().run_id, told) as run_id:
        log_input(trips, plan)
        mlflow.log_dict(provenance.packages, "packages.json")
        fitted = fit(
            trips.train, trips.validation, plan, _logging(run_id, tell), checkpoint=checkpoint, run_id=run_id
        )
        _log_best(fitted, plan)
        _log_looks(fitted, trips, plan)
        logged = Logged(
            run_id,
            log_model(fitted, plan, trips.train, provenance.requirements(plan.kind)),
            trips.digest,
            fitted,
        )
    checkpoint.forget()
    return logged


@contextmanager
def running(stopped: str, tags: dict[str, str]) -> Iterator[str]:
    """Around the work of a run: the stopped one where it is still there, or another; its id is given.

    It ends as what happened: finished, failed, or killed where a person or a sweep stopped it.
    """
    again = stopped if stopped and "MLFLOW_RUN_ID" not in os.environ and _is_there(stopped) else None
    with mlflow.start_run(run_id=again) as run:
        mlflow.set_tags(tags)
        try:
            yield run.info.run_id
        except (KeyboardInterrupt, EnoughSeen) as why:
            mlflow.set_tag("pruned", str(isinstance(why, EnoughSeen)).lower())
            mlflow.end_run(RunStatus.to_string(RunStatus.KILLED))
            raise


def _is_there(run_id: str) -> bool:
    try:
        return mlflow.get_run(run_id).info.lifecycle_stage == "active"
    except MlflowException:
        return False


def _logging(run_id: str, tell: Tell) -> Tell:
    """Log every epoch once, also where a killed training had come further than its last checkpoint.

    While MLflow is away its own client tries again for minutes, and training waits.
    """
    client = mlflow.MlflowClient()
    logged = {point.step for point in client.get_metric_history(run_id, "val_loss")}

    def ended(epoch: Epoch) -> None:
        if epoch.number not in logged:
            client.log_batch(run_id, metrics=[
                Metric(name, value, epoch.ended_ms, epoch.number) for name, value in epoch.metrics.items()
            ])  # fmt: skip
        tell(epoch)

    return ended


def _log_best(fitted: Fitted, plan: Plan) -> None:
    """Log the best epoch's errors after all others: a run's last value is the one that a gate reads."""
    mlflow.log_metrics(fitted.errors | {"best_epoch": fitted.best_epoch}, step=plan.epochs + 1)


def _log_looks(fitted: Fitted, trips: Trips, plan: Plan) -> None:
    """Log what the training rows and the answers to them look like, so that drift from them can be told."""
    files = tuple(digest_of(trips.folder / f"{split}.parquet") for split in SEEN)
    answers = fitted.predict(trips.train.columns)
    mlflow.log_dict(
        profile_of(named(trips.train.columns), answers, files).model_dump(mode="json"), PROFILE_FILE
    )
    mlflow.log_text(summary_of(fitted, plan), "model_summary.txt")
    mlflow.log_figure(learning_curves(fitted.epochs, fitted.best_epoch), "learning_curves.png")
    validated = fitted.predict(trips.validation.columns)
    mlflow.log_figure(
        predicted_against_actual(validated, trips.validation.fares), "predicted_against_actual.png"
    )
