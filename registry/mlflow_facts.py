"""What an MLflow model version says of itself: MLmodel file, run and LoggedModel, read into our words.

Pure readers; who asks the server is `registry.mlflow_registry`.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import yaml
from mlflow.entities import LoggedModel, Run
from mlflow.entities.model_registry import ModelVersion as MlflowVersion
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema, TensorSpec

from registry.errors import ArtifactsMissing
from registry.logged import others
from registry.words import Column, ModelVersion, Signature, Stage

_USER_TAG = "mlflow.user"
_AUTHOR_TAG = "author"
PARAMS_MAX, PARAM_MAX = 200, 500
"""So many parameters, and characters of each, are kept with the evidence."""


def read_version(theirs: MlflowVersion) -> ModelVersion:
    """MLflow's ModelVersion in our words."""
    return ModelVersion(
        name=theirs.name,
        version=int(theirs.version),
        stage=Stage.parse(theirs.current_stage or "none"),
        source=theirs.source or "",
        run_id=theirs.run_id or None,
        tags=dict(theirs.tags),
        aliases=frozenset(theirs.aliases),
        user=theirs.user_id or None,
        created=_when(theirs.creation_timestamp),
        updated=_when(theirs.last_updated_timestamp),
    )


def read_mlmodel(text: str, version: ModelVersion) -> tuple[Signature | None, bool]:
    """Signature, and whether an input example is there. Raises ArtifactsMissing for an unreadable file."""
    try:
        told = yaml.safe_load(text)
        signature = _signature(told.get("signature"))
        return signature, bool(told.get("saved_input_example_info"))
    except (yaml.YAMLError, MlflowException, AttributeError, KeyError, TypeError, ValueError) as error:
        raise ArtifactsMissing(
            f"the MLmodel file of {version.name} version {version.version} cannot be read ({error}); "
            "log the model again"
        ) from error


def maker_of(version: ModelVersion, model: LoggedModel | None) -> str | None:
    """The id of the run that made the model: the LoggedModel's word before the version's."""
    return (model.source_run_id if model else None) or version.run_id


def read_metrics(run: Run | None, model: LoggedModel | None) -> dict[str, float]:
    """Last values of all metrics but our own; the run's word counts where both have one."""
    logged: dict[str, float] = {}
    for metric in sorted(model.metrics or [] if model else [], key=lambda each: (each.step, each.timestamp)):
        logged[metric.key] = float(metric.value)
    return others(logged | ({key: float(value) for key, value in run.data.metrics.items()} if run else {}))


def read_params(run: Run | None, model: LoggedModel | None) -> dict[str, str]:
    """Parameters of the run, or else of the LoggedModel: the first by name, each cut where it is endless."""
    told = (run.data.params if run else None) or (model.params if model else None) or {}
    return {name: _cut(str(told[name])) for name in sorted(told)[:PARAMS_MAX]}


def _cut(text: str) -> str:
    return text if len(text) <= PARAM_MAX else f"{text[: PARAM_MAX - 1]}…"


def read_authors(version: ModelVersion, runs: Sequence[Run], model: LoggedModel | None) -> frozenset[str]:
    """Every name that version, runs and LoggedModel give for whoever made it."""
    names = {version.user, version.tags.get(_AUTHOR_TAG)}
    for run in runs:
        names |= {run.info.user_id} | _named(run.data.tags)
    if model:
        names |= _named(model.tags or {})
    return frozenset(name.strip() for name in names if name and name.strip())


def _named(tags: Mapping[str, str]) -> set[str | None]:
    return {tags.get(_USER_TAG), tags.get(_AUTHOR_TAG)}


def _signature(told: dict[str, Any] | None) -> Signature | None:
    if not told:
        return None
    read = ModelSignature.from_dict(told)
    return Signature(inputs=_columns(read.inputs), outputs=_columns(read.outputs))


def _columns(schema: Schema | None) -> tuple[Column, ...]:
    return tuple(_column(spec) for spec in schema.inputs) if schema else ()


def _column(spec: ColSpec | TensorSpec) -> Column:
    if isinstance(spec, TensorSpec):
        return Column(name=spec.name, type=str(spec.type), required=spec.required, shape=tuple(spec.shape))
    kind = getattr(spec.type, "name", None) or str(spec.type)
    return Column(name=spec.name, type=kind, required=spec.required is not False)


def _when(milliseconds: int | None) -> datetime:
    return datetime.fromtimestamp((milliseconds or 0) / 1000, UTC)
