"""Who takes up a request, and where it stands: told by the runs in MLflow that are tagged with it.

Rings are lost and doubled, and there may be several services. Whoever takes a request up makes the run first;
of two that do at the same moment, the one whose run is older stays.
"""

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from registry.mlflow_requests import runs_for
from registry.retraining import ALIVE_TAG, REQUEST_TAG, WHY_TAG

if TYPE_CHECKING:
    from mlflow import MlflowClient

_LONGEST: Final = 500


class Order(NamedTuple):
    """What the gate asks for."""

    model: str
    request: str
    why: str


class Taken(NamedTuple):
    """A run that is ours to bring to an end: to train in, or only to register what it logged."""

    run_id: str
    still: Literal["train", "register"]


def take(client: "MlflowClient", order: Order, experiment: str, *, left: str = "") -> Taken | None:
    """Take up an order, or go on with it; None where nothing is to be done, or somebody else does it.

    `left` is the run that this very service was at when it ended. Raises what MLflow raises.
    """
    runs = runs_for(client, order.request, datetime.now(UTC))
    if any(run.state == "failed" for run in runs) or _registered(client, order, {r.run_id for r in runs}):
        return None
    if finished := [run for run in runs if run.state == "finished"]:
        return Taken(finished[0].run_id, "register")
    if any(run.state == "running" and run.run_id != left for run in runs):
        return None
    if runs:
        return Taken(runs[0].run_id, "train")
    return _first(client, order, experiment)


def beat(client: "MlflowClient", run_id: str) -> None:
    """Say that somebody is at it."""
    client.set_tag(run_id, ALIVE_TAG, str(int(time.time())))


def end(client: "MlflowClient", run_id: str, status: Literal["FAILED", "KILLED"], why: str) -> None:
    """Say how it ended where the trainer itself could not, as of data that it would not begin with."""
    if why:
        client.set_tag(run_id, WHY_TAG, why[:_LONGEST])
    client.set_terminated(run_id, status)


def _first(client: "MlflowClient", order: Order, experiment: str) -> Taken | None:
    known = client.get_experiment_by_name(experiment)
    where = known.experiment_id if known else client.create_experiment(experiment)
    ours = client.create_run(where, tags={REQUEST_TAG: order.request, "retraining": order.why})
    beat(client, ours.info.run_id)
    found = client.search_runs([where], f"tags.`{REQUEST_TAG}` = '{order.request}'")
    first = min(found, key=lambda run: (run.info.start_time, run.info.run_id))
    if first.info.run_id != ours.info.run_id:
        client.delete_run(ours.info.run_id)
        return None
    return Taken(ours.info.run_id, "train")


def _registered(client: "MlflowClient", order: Order, runs: set[str]) -> bool:
    if not runs:
        return False
    asked = (client.search_model_versions(f"run_id = '{run_id}'") for run_id in runs)
    return any(version.name == order.model for versions in asked for version in versions)
