"""The runs of an MLflow server that were made for one of our requests, whichever experiment they lie in."""

from datetime import UTC, datetime
from typing import Final, Literal

from mlflow import MlflowClient
from mlflow.entities import Experiment, Run
from mlflow.store.entities import PagedList

from registry.retraining import ALIVE_TAG, REQUEST_TAG, SILENT_S, WHY_TAG
from registry.words import RequestedRun

_EXPERIMENTS_PAGE: Final = 1000
_MOST: Final = 100
"""Runs for one request; a trainer makes one."""
_ENDED: Final[dict[str, Literal["finished", "failed", "killed"]]] = {
    "FINISHED": "finished",
    "FAILED": "failed",
    "KILLED": "killed",
}


def runs_for(client: MlflowClient, request: str, now: datetime) -> list[RequestedRun]:
    """Every one that is not deleted. Raises what MLflow raises."""
    found = client.search_runs(_experiments(client), f"tags.`{REQUEST_TAG}` = '{request}'", max_results=_MOST)
    return [read_run(run, now) for run in found]


def read_run(run: Run, now: datetime) -> RequestedRun:
    """A run as it stands; its trainer was heard of when it began, if it has not said anything since."""
    tags, heard = run.data.tags, run.info.start_time / 1000
    if tags.get(ALIVE_TAG, "").isdecimal():
        heard = int(tags[ALIVE_TAG])
    silent = (now - datetime.fromtimestamp(0, UTC)).total_seconds() - heard > SILENT_S
    state = _ENDED.get(run.info.status, "silent" if silent else "running")
    return RequestedRun(run_id=run.info.run_id, state=state, why=tags.get(WHY_TAG, ""))


def _experiments(client: MlflowClient) -> list[str]:
    found: list[str] = []
    token = None
    while True:
        page: PagedList[Experiment] = client.search_experiments(
            max_results=_EXPERIMENTS_PAGE, page_token=token
        )
        found += [each.experiment_id for each in page]
        token = page.token
        if not token:
            return found
