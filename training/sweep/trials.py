"""Runs trials of a sweep in this process, each in an MLflow run of its own under the sweep's."""

from collections.abc import Callable
from pathlib import Path

import optuna

from training.epoch import EnoughSeen, Epoch, Tell
from training.errors import LossInvalid
from training.provenance import Provenance
from training.rows import Trips
from training.sweep.space import chosen
from training.sweep.study import BEGUN, PARENT, Search, done
from training.tracking import track


def work(
    study: optuna.Study, search: Search, trips: Trips, provenance: Provenance, *, upto: int, checkpoints: Path
) -> None:
    """Run trials until the sweep has `upto` of them. A trial whose loss is no number is one that failed."""
    if done(study) >= upto:
        return
    parent = str(study.user_attrs["run_id"])

    def objective(trial: optuna.Trial) -> float:
        trial.set_user_attr(BEGUN, value=True)
        if trial.number >= upto:  # another process began the last one a moment before
            study.stop()
            raise optuna.TrialPruned
        plan = chosen(trial, search.plan, grid=search.grid).settled(len(trips.train))
        tags = {PARENT: parent, "mlflow.runName": f"{search.name} {trial.number}", "sweep": search.name}
        try:
            logged = track(
                trips, plan, provenance, _reporting(trial, search), checkpoints=checkpoints, tags=tags
            )
        except EnoughSeen as seen:
            raise optuna.TrialPruned from seen
        trial.set_user_attr("run_id", logged.run_id)
        trial.set_user_attr("model_id", logged.model_id)
        trial.set_user_attr("errors", logged.fitted.errors)
        return logged.fitted.errors[search.metric]

    study.optimize(objective, callbacks=[_stopping(upto)], catch=(LossInvalid,))


def _reporting(trial: optuna.Trial, search: Search) -> Tell:
    """Tell the sweep of every epoch; boosted trees are fitted before the first is told, so none is pruned."""

    def told(epoch: Epoch) -> None:
        trial.report(epoch.metrics[search.metric], epoch.number)
        if search.plan.kind != "boosted" and trial.should_prune():
            raise EnoughSeen

    return told


def _stopping(upto: int) -> Callable[[optuna.Study, optuna.trial.FrozenTrial], None]:
    """End this process's part once so many trials are done or under way."""

    def ended(study: optuna.Study, _: optuna.trial.FrozenTrial) -> None:
        if len(study.get_trials(deepcopy=False)) >= upto:
            study.stop()

    return ended
