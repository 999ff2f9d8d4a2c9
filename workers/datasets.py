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
from validation.targets import declared

_LOGGED: Final = re.compile(r"runs:/(?P<run>[^/]+)/datasets/(?P<name>[^/]+)")

Logged = Callable[[str, str, Path], str]
"""The address of what a run logged: its id, the data set's name, a folder to bring it to if need be."""


def read_datasets(
    datasets: Mapping[str, Dataset],
    wanted: Sequence[Need],
    environ: Mapping[str, str],
    now: datetime,
    logged: Logged,
) -> dict[str, Holdout | HoldoutInvalid]:
    """Every data set that is asked for, or why it cannot be judged on `now`."""
    asked = {need.dataset for need in wanted if isinstance(need, DataNeed)}
    return {
        name: _read(name, datasets[name], environ, now, logged) for name in sorted(asked) if name in datasets
    }


def _read(
    name: str, dataset: Dataset, environ: Mapping[str, str], now: datetime, logged: Logged
) -> Holdout | HoldoutInvalid:
    try:
        with tempfile.TemporaryDirectory(prefix="gatehouse-") as folder:
            holdout = _found(name, dataset, dataset.locate(environ), Path(folder), logged)
        if dataset.max_age is not None:
            must_be_fresh(newest(holdout, dataset.day), dataset.max_age, now)
    except (DatasetUnset, ArtifactsMissing, ArtifactsUnavailable) as error:
        return HoldoutInvalid(str(error))
    except HoldoutInvalid as error:
        return error
    else:
        return holdout


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
