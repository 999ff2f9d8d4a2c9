"""Data sets that MLflow runs logged as their inputs: what they are called, and where they lie.

MLflow keeps a source for each, as JSON of its own kind; those with an address can be read again.
"""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mlflow.entities import DatasetInput, Run
from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT

from registry.errors import ArtifactsMissing
from registry.mlflow_artifacts import Artifacts
from registry.words import LoggedData

_BY_MLFLOW: Final = re.compile(r"(mlflow-artifacts|runs|models|dbfs):")
"""Addresses that only MLflow can fetch from."""
_TRAINING: Final = {"training", "train", "validation"}
"""Contexts: the usual word, that of MLflow's autologging, and that of rows that early stopping looks at."""


def address_of(run: Run, name: str, artifacts: Artifacts, folder: Path) -> str:
    """Where a run's input of this name lies; what only MLflow reaches is brought below `folder` first.

    Raises ArtifactsMissing, ArtifactsUnavailable.
    """
    logged = [each.dataset for each in _inputs(run) if each.dataset.name == name]
    if not logged:
        known = ", ".join(sorted({each.dataset.name for each in _inputs(run)})) or "none"
        raise ArtifactsMissing(f"run {run.info.run_id} logged no data set '{name}'; it logged {known}")
    address = _address(logged[0].source)
    if address is None:
        raise ArtifactsMissing(
            f"the data set '{name}' of run {run.info.run_id} has a source of the kind "
            f"{logged[0].source_type}, which has no address: log it with a source that is a file"
        )
    return str(artifacts.bring(address, folder)) if _BY_MLFLOW.match(address) else address


def training_inputs(run: Run) -> tuple[LoggedData, ...]:
    """What a run says it was trained on, the rows that it chose its weights by among it."""
    return tuple(
        LoggedData(name=each.dataset.name, digest=each.dataset.digest)
        for each in _inputs(run)
        if any(tag.key == MLFLOW_DATASET_CONTEXT and tag.value in _TRAINING for tag in each.tags)
    )


def _inputs(run: Run) -> Sequence[DatasetInput]:
    return run.inputs.dataset_inputs if run.inputs else []


def _address(source: str) -> str | None:
    try:
        told = json.loads(source)
    except ValueError:
        return None
    found = told.get("uri") or told.get("url") if isinstance(told, dict) else None
    return found if isinstance(found, str) else None
