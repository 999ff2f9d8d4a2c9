"""Reads the data sets that a case asks for: from the address in the policy, or from where a run logged it."""

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from policies.datasets import Dataset, DatasetUnset
from policies.evidence.need import DataNeed, Need
from registry.errors import ArtifactsMissing, ArtifactsUnavailable
from validation.addresses import HoldoutInvalid
from validation.freshness import must_be_fresh, newest
from validation.holdout import Holdout, read_holdout
from validation.spark.far import Cluster, FarHoldout, find_far
from validation.targets import declared

_LOGGED: Final = re.compile(r"runs:/(?P<run>[^/]+)/datasets/(?P<name>[^/]+)")

AnyHoldout = Holdout | FarHoldout
"""Rows that lie here, or those that Spark has."""
Logged = Callable[[str, str, Path], str]
"""The address of what a run logged: its id, the data set's name, a folder to bring it to if need be."""


def read_datasets(
    datasets: Mapping[str, Dataset],
    wanted: Sequence[Need],
    environ: Mapping[str, str],
    now: datetime,
    logged: Logged,
) -> dict[str, AnyHoldout | HoldoutInvalid]:
    """Every data set that is asked for, or why it cannot be judged on `now`.

    `environ` fills in addresses, and says where Spark is: GATEHOUSE_SPARK_MASTER or GATEHOUSE_SPARK_REMOTE.
    """
    asked = {need.dataset for need in wanted if isinstance(need, DataNeed)}
    return {
        name: _read(name, datasets[name], environ, now, logged) for name in sorted(asked) if name in datasets
    }


def _read(
    name: str, dataset: Dataset, environ: Mapping[str, str], now: datetime, logged: Logged
) -> AnyHoldout | HoldoutInvalid:
    holdout: AnyHoldout
    try:
        address = dataset.locate(environ)
        if dataset.engine == "spark":
            holdout, day = _far(name, dataset, address, environ), None
        else:
            with tempfile.TemporaryDirectory(prefix="gatehouse-") as folder:
                holdout, day = _found(name, dataset, address, Path(folder), logged), dataset.day
        if dataset.max_age is not None:
            must_be_fresh(newest(holdout, day), dataset.max_age, now)
    except (DatasetUnset, ArtifactsMissing, ArtifactsUnavailable) as error:
        return HoldoutInvalid(str(error))
    except HoldoutInvalid as error:
        return error
    else:
        return holdout


def _far(name: str, dataset: Dataset, address: str, environ: Mapping[str, str]) -> FarHoldout:
    """Spark reads where the rows lie, so what a run logged is not brought here."""
    if address.startswith("runs:"):
        raise HoldoutInvalid(f"'{address}' is not reached by Spark: give the address where the rows lie")
    remote, master = (environ.get(f"GATEHOUSE_SPARK_{each}") or None for each in ("REMOTE", "MASTER"))
    return find_far(
        address,
        name=name,
        target=dataset.target,
        cluster=Cluster(master, remote),
        min_rows=dataset.min_rows,
        day=dataset.day,
    )


def _found(name: str, dataset: Dataset, address: str, folder: Path, logged: Logged) -> Holdout:
    """What was brought here was written just now, which tells nothing of its age."""
    if of_run := _LOGGED.fullmatch(address):
        address = logged(of_run["run"], of_run["name"], folder)
    elif address.startswith("runs:"):
        raise HoldoutInvalid(f"'{address}' names no data set of a run: write runs:/RUN_ID/datasets/NAME")
    holdout = read_holdout(
        address,
        name=name,
        target=dataset.target,
        min_rows=dataset.min_rows,
        day=dataset.day,
        classes=declared(dataset.classes, dataset.predictions),
    )
    return replace(holdout, written=None) if address.startswith(str(folder)) else holdout
