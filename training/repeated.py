"""Holds a run against an earlier one of the same data, plan and seed: the same numbers, or what differs.

On one thread the numbers are the same to 1e-6; where they are not, something else was not the same, and what
of that was logged is told beside them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from registry.logged import OWN_METRICS

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

TOLERANCE: Final = 1e-6
REPEATED_FILE: Final = "repeated.json"
_SAME: Final = ("kind", "rows", "plan_epochs", "plan_batch_size", "plan_learning_rate", "plan_activation")
"""Parameters that make up the plan, with the seed, by which runs are searched."""
_TAGS: Final = ("git_commit", "git_dirty")
_PARAMS: Final = ("threads", "device", "machine")
_LOOKED_AT: Final = 200
Both = tuple[str, str]
"""Of the earlier run, and of this one."""


@dataclass(frozen=True)
class Repeated:
    """Two runs that ought to have the same numbers, and in what they differ."""

    run_id: str
    numbers: Mapping[str, tuple[float, float]]
    """Metrics that are further apart than the tolerance, before and now."""
    around: Mapping[str, Both]
    """Packages, commit, threads and machine where they are not the same."""

    def __str__(self) -> str:
        around = "; ".join(f"{name} {_told(was)} -> {_told(now)}" for name, (was, now) in self.around.items())
        if not self.numbers:
            although = f", although other things differ: {around}" if around else ""
            return f"the same numbers as run {self.run_id} to {TOLERANCE:g}{although}"
        numbers = "; ".join(
            f"{name} {was:g} -> {now:g} ({now - was:+.2g})" for name, (was, now) in self.numbers.items()
        )
        why = around or "nothing else that was logged; on one thread (--threads 1) numbers repeat"
        return (
            f"other numbers than run {self.run_id}, of the same data, plan and seed: {numbers};"
            f" what else differs: {why}"
        )


def hold_against_earlier(client: "MlflowClient", run_id: str) -> str:
    """Say how a run compares with the last finished one before it, and log that; empty if there is none.

    Raises what MLflow raises.
    """
    now = client.get_run(run_id)
    before = _earlier(client, now)
    if before is None:
        return ""
    found = compared(before, now)
    client.set_tag(run_id, "repeats", before.info.run_id)
    client.set_tag(run_id, "repeats_same_numbers", str(not found.numbers).lower())
    client.log_dict(run_id, asdict(found), REPEATED_FILE)
    return str(found)


def compared(before: "Run", now: "Run") -> Repeated:
    """Hold what two runs logged against each other."""
    ours, theirs = now.data.metrics, before.data.metrics
    numbers = {
        name: (theirs[name], ours[name])
        for name in sorted(ours.keys() & theirs.keys())
        if not name.startswith(OWN_METRICS) and not abs(ours[name] - theirs[name]) <= TOLERANCE
    }
    was, is_now = dict(_around(before)), dict(_around(now))
    around = {
        name: (was.get(name, ""), is_now.get(name, ""))
        for name in dict.fromkeys([*was, *is_now])
        if was.get(name) != is_now.get(name)
    }
    return Repeated(before.info.run_id, numbers, around)


def _around(run: "Run") -> Iterator[Both]:
    """What may change numbers although data, plan and seed are the same."""
    yield from ((name, run.data.params[name]) for name in _PARAMS if name in run.data.params)
    yield from ((name, run.data.tags[name]) for name in _TAGS if name in run.data.tags)
    for package in filter(None, run.data.tags.get("packages", "").split(", ")):
        name, _, number = package.partition(" ")
        yield name, number


def _earlier(client: "MlflowClient", now: "Run") -> "Run | None":
    params = now.data.params
    where = f"attributes.status = 'FINISHED' and params.data_sha256 = '{params['data_sha256']}'"
    found = client.search_runs(
        [now.info.experiment_id],
        f"{where} and params.seed = '{params['seed']}'",
        order_by=["attributes.start_time DESC"],
        max_results=_LOOKED_AT,
    )
    plan = [params.get(name) for name in _SAME]
    others = (run for run in found if run.info.run_id != now.info.run_id)
    return next((run for run in others if [run.data.params.get(name) for name in _SAME] == plan), None)


def _told(text: str) -> str:
    return text or "not told"
