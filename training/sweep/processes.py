"""The processes of a sweep on this machine: started, waited for, ended with whoever started them."""

import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import optuna
from optuna.trial import TrialState

from training.errors import WorkerFailed
from training.sweep.study import BEGUN, done

_LOOK_S: Final = 1.0
_UNBEGUN: Final = timedelta(seconds=40)
"""As long as a trial may be without a heartbeat."""


def run(calls: Sequence[list[str]], study: optuna.Study, upto: int, say: Callable[[str], None]) -> None:
    """Start the processes, and wait for them and for trials elsewhere; none is left.

    Where one is killed the others go on. Raises WorkerFailed where none came to its end.
    """
    alone = os.environ | {"OMP_NUM_THREADS": "1"}  # trees ask OpenMP for threads, networks ask TensorFlow
    processes = [subprocess.Popen(command, stdout=sys.stderr, env=alone) for command in calls]  # noqa: S603 our own module
    try:
        seen = -1
        while any(process.poll() is None for process in processes) or _elsewhere(study, processes):
            if (now := done(study)) != seen:
                seen = now
                say(f"{now} of {upto} trials")
            time.sleep(_LOOK_S)
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()
    failed = [process.returncode for process in processes if process.returncode]
    told = f"{len(failed)} of {len(processes)} processes ended with {failed}"
    if len(failed) == len(processes):
        raise WorkerFailed(f"{told}: what they said is above")
    if failed:
        say(f"{told}: their trials failed, the others went on")


def _elsewhere(study: optuna.Study, processes: Sequence[subprocess.Popen[bytes]]) -> bool:
    """Whether others who take part are still at it; a trial without a heartbeat counts as failed."""
    if all(process.returncode for process in processes):
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


def commands(jobs: int, tracking_uri: str, words: dict[str, Any]) -> list[list[str]]:
    """The same options for each process."""
    given = {
        "data": words["data"], "owner": words["owner"], "author": words["author"], "model": words["kind"],
        "epochs": words["epochs"], "seed": words["seed"], "rows": words["rows"], "trials": words["trials"],
        "metric": words["metric"], "sweep-name": words["sweep_name"], "storage": words["storage"],
        "checkpoints": words["checkpoints"], "tracking-uri": tracking_uri,
    }  # fmt: skip
    options = [f"--{name}={value}" for name, value in given.items()]
    return [
        [sys.executable, "-m", "training.sweep.worker", *options, *(["--grid"] if words["grid"] else [])]
    ] * jobs
