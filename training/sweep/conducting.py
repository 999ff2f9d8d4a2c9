"""The whole of a sweep: one MLflow run over all trials, their processes, the pictures, the registration."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mlflow
import optuna
from mlflow.exceptions import MlflowException
from optuna.trial import FrozenTrial, TrialState

from training.provenance import Provenance, trace
from training.register import register
from training.rows import digest_of, insist_on_whole
from training.server import named
from training.sweep.command import search_of, trials_of
from training.sweep.minimum import Minimum
from training.sweep.pictures import log_pictures
from training.sweep.processes import run
from training.sweep.study import PARENT, Search, begin, claim, forget, join, unclaim


@dataclass(frozen=True)
class Outcome:
    """What came of a sweep: `version` is None where nothing was registered, and `why` says why."""

    sweep: str
    run_id: str
    trials: int
    pruned: int
    best: dict[str, Any]
    version: int | None
    why: str
    fine: bool

    def words(self) -> dict[str, Any]:
        """For JSON."""
        return dict(vars(self))

    def __str__(self) -> str:
        head = f"sweep {self.sweep}: {self.trials} trials, {self.pruned} pruned; best {self.best}; {self.why}"
        return f"{head}\n{self.version}" if self.version is not None else head


def conduct(
    jobs: int, tracking_uri: str, own_run: str, *, say: Callable[[str], None], **words: Any
) -> Outcome:
    """Begin or join, run all trials, end; `own_run` is the MLflow run that is there for it, if one is.

    Raises SweepTaken, SweepInvalid, WorkerFailed, RegistryError.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    provenance = trace(words["owner"], words["author"])
    if tracking_uri:
        mlflow.set_tracking_uri(tracking_uri)
    insist_on_whole(words["data"])
    digest = digest_of(words["data"])
    search = search_of(words, digest)
    words["tracking_uri"] = tracking_uri or mlflow.get_tracking_uri()
    try:
        study = _opened(search, words["join"], provenance, words["experiment"], own_run)
        run_id = str(study.user_attrs["run_id"])
        try:
            run(jobs, words, study, trials_of(words), say)
        except BaseException as error:
            _end(run_id, "KILLED" if isinstance(error, KeyboardInterrupt) else "FAILED")
            raise
        return _ended(study, search, words["least"], provenance, words["name"])
    except MlflowException as error:
        raise named(error, mlflow.get_tracking_uri()) from error


def _opened(
    search: Search, joining: bool, provenance: Provenance, experiment: str, own_run: str
) -> optuna.Study:
    if joining:
        return join(search)
    study = begin(search)
    try:
        study.set_user_attr("run_id", _run_over_all(search, provenance, experiment, own_run))
    except MlflowException:
        forget(search)  # else the name would be taken by a sweep that has no run
        raise
    return study


def _run_over_all(search: Search, provenance: Provenance, experiment: str, own_run: str) -> str:
    client = mlflow.MlflowClient()
    tags = {"mlflow.user": provenance.author, "mlflow.runName": search.name, "sweep": search.name}
    run_id = own_run or client.create_run(mlflow.set_experiment(experiment).experiment_id).info.run_id
    for name, value in (
        tags | provenance.tags() | provenance.more_tags() | {"data_sha256": search.data_sha256}
    ).items():
        client.set_tag(run_id, name, value)
    return run_id


def _ended(
    study: optuna.Study, search: Search, least: Minimum | None, provenance: Provenance, name: str
) -> Outcome:
    run_id, trials = str(study.user_attrs["run_id"]), study.trials
    complete = [trial for trial in trials if trial.state is TrialState.COMPLETE]
    pruned = sum(trial.state is TrialState.PRUNED for trial in trials)
    if not complete:
        _end(run_id, "FAILED")
        return Outcome(
            search.name, run_id, len(trials), pruned, {}, None, "no trial came to its end", fine=False
        )
    best = study.best_trial
    client = mlflow.MlflowClient()
    _close_abandoned(client, run_id)
    for metric, value in best.user_attrs["errors"].items():
        client.log_metric(run_id, metric, value)
    log_pictures(client, run_id, study)
    _end(run_id, "FINISHED")
    version, why, fine = _registered(search, best, least, (client, name, provenance))
    shown = best.params | best.user_attrs["errors"] | {"run_id": best.user_attrs["run_id"]}
    return Outcome(search.name, run_id, len(trials), pruned, shown, version, why, fine=fine)


def _registered(
    search: Search, best: FrozenTrial, least: Minimum | None, to: tuple[mlflow.MlflowClient, str, Provenance]
) -> tuple[int | None, str, bool]:
    client, name, provenance = to
    if least and not least.met(best.user_attrs["errors"]):
        found = best.user_attrs["errors"][least.metric]
        return None, f"not registered: the best has {least.metric} {found:.3f}, asked is {least}", False
    if not claim(search):
        return None, "registered by another process that took part", True
    logged = (best.user_attrs["run_id"], best.user_attrs["model_id"])
    try:
        version = register(client, name, logged, provenance.tags())
    except MlflowException:
        unclaim(search)
        raise
    return version, f"registered {name} version {version}", True


def _close_abandoned(client: mlflow.MlflowClient, run_id: str) -> None:
    """Mark the runs of trials whose process was killed: it could not do so itself."""
    experiment = client.get_run(run_id).info.experiment_id
    of_trials = f"tags.`{PARENT}` = '{run_id}' AND attributes.status = 'RUNNING'"
    for left in client.search_runs([experiment], of_trials):
        client.set_terminated(left.info.run_id, "FAILED")


def _end(run_id: str, status: str) -> None:
    mlflow.MlflowClient().set_terminated(run_id, status)
