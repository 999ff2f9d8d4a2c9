"""A sweep's memory: an Optuna study in a database, so that several processes or hosts share one sweep."""

import warnings
from dataclasses import asdict, dataclass
from typing import Any, Final

import optuna
from optuna.trial import TrialState
from sqlalchemy.exc import SQLAlchemyError

from training.errors import SweepInvalid, SweepTaken
from training.plan import Plan
from training.sweep.space import GRIDS

PARENT: Final = "mlflow.parentRunId"
"""By which MLflow shows a trial's run below the sweep's."""
BEGUN: Final = "begun"
"""Attribute of a trial whose process has come to its work, and so has a heartbeat."""
_WAIT_S: Final = 60
"""For another process's write, where the database is a file."""
_HEARTBEAT_S: Final = 20
_DONE: Final = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)


@dataclass(frozen=True)
class Search:
    """What is searched for and where: the same for every process that takes part."""

    name: str
    storage: str
    plan: Plan
    metric: str
    data_sha256: str
    grid: bool = False

    def words(self) -> dict[str, Any]:
        """What must agree between those who share a sweep."""
        return {**asdict(self.plan), "metric": self.metric, "data": self.data_sha256, "grid": self.grid}


def begin(search: Search) -> optuna.Study:
    """Begin a sweep. Raises SweepTaken, and leaves the one that is there alone."""
    try:
        study = optuna.create_study(storage=_storage(search.storage), study_name=search.name)
    except optuna.exceptions.DuplicatedStudyError as error:
        there = optuna.load_study(study_name=search.name, storage=_storage(search.storage))
        raise SweepTaken(
            f"a sweep '{search.name}' is in {search.storage} already, with {len(there.trials)} trials:"
            " --join takes part in it, or goes on with it; another --sweep-name begins another"
        ) from error
    study.set_user_attr("words", search.words())
    return study


def join(search: Search) -> optuna.Study:
    """Open a sweep that another process began. Raises SweepInvalid."""
    sampler: optuna.samplers.BaseSampler = optuna.samplers.TPESampler(seed=None, constant_liar=True)
    if search.grid:
        sampler = optuna.samplers.GridSampler(dict(GRIDS[search.plan.kind]), seed=search.plan.seed)
    pruner = optuna.pruners.NopPruner() if search.grid else optuna.pruners.MedianPruner(n_warmup_steps=5)
    try:
        study = optuna.load_study(
            study_name=search.name, storage=_storage(search.storage), sampler=sampler, pruner=pruner
        )
    except KeyError as error:
        raise SweepInvalid(f"there is no sweep '{search.name}' in {search.storage} to join") from error
    theirs = study.user_attrs.get("words", {})
    differing = [name for name, value in search.words().items() if theirs.get(name) != value]
    if differing:
        raise SweepInvalid(
            f"the sweep '{search.name}' searches with other {', '.join(differing)}: join it with the same"
            " words and data, or begin another"
        )
    return study


def done(study: optuna.Study) -> int:
    """How many trials came to an end."""
    return len(study.get_trials(deepcopy=False, states=_DONE))


def claim(search: Search) -> bool:
    """Whether this process is the one to register: the database lets one create the mark."""
    try:
        optuna.create_study(storage=_storage(search.storage), study_name=_mark(search))
    except optuna.exceptions.DuplicatedStudyError:
        return False
    return True


def unclaim(search: Search) -> None:
    """Let another register, or the same one later."""
    optuna.delete_study(study_name=_mark(search), storage=_storage(search.storage))


def forget(search: Search) -> None:
    """Give a sweep's name back."""
    optuna.delete_study(study_name=search.name, storage=_storage(search.storage))


def _mark(search: Search) -> str:
    return f"{search.name} (registered)"


def _storage(url: str) -> optuna.storages.RDBStorage:
    """Reach the database. Raises SweepInvalid."""
    waits = {"connect_args": {"timeout": _WAIT_S}} if url.startswith("sqlite") else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)  # heartbeats, for years now
        try:
            return optuna.storages.RDBStorage(url, engine_kwargs=waits, heartbeat_interval=_HEARTBEAT_S)
        except (SQLAlchemyError, ImportError) as error:
            why = str(error).splitlines()[0]
            raise SweepInvalid(
                f"--storage names no database that can be used ({why}): as in sqlite:///sweeps.db"
            ) from error
