"""The processes of a sweep on this machine: forked, waited for, ended with whoever started them."""

import multiprocessing
import warnings
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any, Final

import optuna
from optuna.trial import TrialState

from training.errors import WorkerFailed
from training.sweep.study import BEGUN, done
from training.sweep.worker import take_part

_LOOK_S: Final = 1.0
_UNBEGUN: Final = timedelta(seconds=40)
"""As long as a trial may be without a heartbeat."""


def run(jobs: int, words: dict[str, Any], study: optuna.Study, upto: int, say: Callable[[str], None]) -> None:
    """Start so many processes, and wait for them and for trials elsewhere; none is left.

    Where one is killed the others go on. Raises WorkerFailed where none came to its end.
    """
    forking = multiprocessing.get_context("forkserver")
    processes: list[BaseProcess] = [forking.Process(target=take_part, args=(words,)) for _ in range(jobs)]
    begun = []
    try:
        for process in processes:
            process.start()
            begun.append(process)
        seen = -1
        while (at_work := _at_work(processes)) or _elsewhere(study, processes):
            if (now := done(study)) != seen:
                seen = now
                say(f"{now} of {upto} trials")
            wait(at_work, _LOOK_S)
    finally:
        for process in begun:
            process.terminate()
        for process in begun:
            process.join()
    failed = [process.exitcode for process in processes if process.exitcode]
    told = f"{len(failed)} of {len(processes)} processes ended with {failed}"
    if len(failed) == len(processes):
        raise WorkerFailed(f"{told}: what they said is above")
    if failed:
        say(f"{told}: their trials failed, the others went on")


def _at_work(processes: Sequence[BaseProcess]) -> list[int]:
    return [process.sentinel for process in processes if process.is_alive()]


def _elsewhere(study: optuna.Study, processes: Sequence[BaseProcess]) -> bool:
    """Whether others who take part are still at it; a trial without a heartbeat counts as failed."""
    if all(process.exitcode for process in processes):
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        optuna.storages.fail_stale_trials(study)
    fail_unbegun(study, datetime.now())  # noqa: DTZ005 as Optuna writes its times
    return bool(study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)))


def fail_unbegun(study: optuna.Study, now: datetime) -> None:
    """Fail trials whose process was killed before their first heartbeat: Optuna never would."""
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        if BEGUN not in trial.user_attrs and trial.datetime_start and now - trial.datetime_start > _UNBEGUN:
            study.tell(trial.number, state=TrialState.FAIL, skip_if_finished=True)
