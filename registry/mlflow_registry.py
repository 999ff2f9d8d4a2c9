"""MlflowRegistry: the port kept over an MLflow server. Nothing above it sees an MLflow type."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from mlflow.entities import LifecycleStage, LoggedModel, Metric, Run
from mlflow.entities.model_registry import ModelVersion as MlflowVersion
from mlflow.store.entities import PagedList

from registry.errors import ArtifactsMissing, RunMissing, VersionMissing
from registry.events import OWN_TAGS
from registry.logged import OWN_FILES, OWN_METRICS
from registry.mlflow_artifacts import Artifacts
from registry.mlflow_connection import connect, translated
from registry.mlflow_datasets import address_of, training_inputs
from registry.mlflow_facts import (
    maker_of,
    read_authors,
    read_metrics,
    read_mlmodel,
    read_params,
    read_version,
)
from registry.mlflow_requests import runs_for
from registry.words import LoggedData, ModelVersion, RequestedRun, Stage, VersionFacts

_ARCHIVING = {Stage.STAGING, Stage.PRODUCTION}
"""MLflow answers 500 when asked to archive the other versions of another stage than these."""
_PAGE = 2000
"""Versions asked for at a time: seconds of a busy server's time, less than a request may take."""
_MODELS_PAGE = 1000
_METRICS = 500
"""MLflow takes at most 1,000 in one request."""
_FIXED_ORDER = ["name ASC", "version_number ASC"]
"""By the time of their last change, a version that changes between two pages would be on neither."""
_Found = TypeVar("_Found")


class MlflowRegistry:
    """One MLflow server's model registry, and its tracking server for runs and files."""

    def __init__(self, uri: str) -> None:
        self._uri = uri.rstrip("/")
        self._client = connect(self._uri)
        self._artifacts = Artifacts(self._client, self._uri)

    def version(self, name: str, version: int) -> ModelVersion:
        """See `registry.port`."""
        with self._asking():
            return read_version(self._client.get_model_version(name, str(version)))

    def versions(self, name: str) -> Sequence[ModelVersion]:
        """See `registry.port`. A search leaves aliases out, so they come from the model itself."""
        try:
            with self._asking():
                aliases = self._client.get_registered_model(name).aliases
                found = [read_version(theirs) for theirs in self._search(name)]
        except VersionMissing:
            return ()
        held = {each.version: {a for a, v in aliases.items() if int(v) == each.version} for each in found}
        return sorted(
            (each.model_copy(update={"aliases": frozenset(held[each.version])}) for each in found),
            key=lambda each: -each.version,
        )

    def model_tags(self, name: str) -> Mapping[str, str]:
        """See `registry.port`."""
        try:
            with self._asking():
                return dict(self._client.get_registered_model(name).tags)
        except VersionMissing:
            return {}

    def recent(self, limit: int) -> Sequence[ModelVersion]:
        """See `registry.port`. MLflow does not count a new tag or alias as a change."""
        newest_first = ["last_updated_timestamp DESC"]
        with self._asking():
            found = _pages(
                lambda token: self._client.search_model_versions(
                    max_results=min(limit, _PAGE), order_by=newest_first, page_token=token
                ),
                limit,
            )
            return [read_version(theirs) for theirs in found]

    def everything(self) -> Sequence[ModelVersion]:
        """See `registry.port`. Two searches: one of models, for their aliases, and one of versions."""
        with self._asking():
            held: dict[tuple[str, int], set[str]] = {}
            models = _pages(
                lambda token: self._client.search_registered_models(
                    max_results=_MODELS_PAGE, page_token=token
                )
            )
            for model in models:
                for alias, version in model.aliases.items():
                    held.setdefault((model.name, int(version)), set()).add(alias)
            found = _pages(
                lambda token: self._client.search_model_versions(
                    max_results=_PAGE, order_by=_FIXED_ORDER, page_token=token
                )
            )
            return [
                each.model_copy(update={"aliases": frozenset(held.get((each.name, each.version), ()))})
                for each in map(read_version, found)
            ]

    def facts(self, version: ModelVersion) -> VersionFacts:
        """See `registry.port`. A run that was deleted for good costs its metrics and nothing else."""
        signature, has_input_example = read_mlmodel(self._artifacts.mlmodel(version), version)
        model = self._logged_model(version)
        maker = self._run(maker_of(version, model))
        named = self._run(version.run_id) if version.run_id != maker_of(version, model) else None
        return VersionFacts(
            name=version.name,
            version=version.version,
            source=version.source,
            run_id=version.run_id,
            tags={key: value for key, value in version.tags.items() if not key.startswith(OWN_TAGS)},
            logged=read_metrics(maker, model),
            params=read_params(maker, model),
            authors=read_authors(version, [run for run in (maker, named) if run], model),
            signature=signature,
            has_input_example=has_input_example,
        )

    def fetch(self, version: ModelVersion, folder: Path) -> Path:
        """See `registry.port`."""
        return self._artifacts.fetch(version, folder)

    def run_file(self, version: ModelVersion, path: str, most_bytes: int) -> bytes | None:
        """See `registry.port`. A run that was deleted for good has no files."""
        maker = self._run(maker_of(version, self._logged_model(version)))
        return self._artifacts.of_run(maker, path, most_bytes) if maker else None

    def log(
        self, version: ModelVersion, files: Mapping[str, bytes], figures: Mapping[str, float], at: datetime
    ) -> None:
        """See `registry.port`. The version's number is the step: one run may have made several versions."""
        run = self._run(maker_of(version, self._logged_model(version)))
        which = f"{version.name} version {version.version}"
        if run is None or run.info.lifecycle_stage == LifecycleStage.DELETED:
            what = (
                f"the run {run.info.run_id} that made {which} is deleted" if run else f"no run made {which}"
            )
            raise RunMissing(f"{what}, so nothing can be logged to it")
        self._artifacts.to_run(run, {f"{OWN_FILES}/{path}": content for path, content in files.items()})
        when = int(at.timestamp() * 1000)
        told = [Metric(f"{OWN_METRICS}{key}", value, when, version.version) for key, value in figures.items()]
        with self._asking():
            for start in range(0, len(told), _METRICS):
                self._client.log_batch(run.info.run_id, metrics=told[start : start + _METRICS])

    def logged_data(self, run_id: str, name: str, folder: Path, *, beside: ModelVersion) -> str:  # noqa: ARG002 one workspace is asked
        """See `registry.port`."""
        run = self._run(run_id)
        if run is None:
            raise ArtifactsMissing(f"there is no run {run_id}, so it logged no data set '{name}'")
        return address_of(run, name, self._artifacts, folder)

    def trained_on(self, version: ModelVersion) -> Sequence[LoggedData]:
        """See `registry.port`."""
        maker = self._run(maker_of(version, self._logged_model(version)))
        return training_inputs(maker) if maker else ()

    def requested(self, name: str, request: str, now: datetime) -> Sequence[RequestedRun]:  # noqa: ARG002 a request is of one model
        """See `registry.port`."""
        with self._asking():
            return runs_for(self._client, request, now)

    def transition(self, name: str, version: int, stage: Stage, *, archive_existing: bool = False) -> None:
        """See `registry.port`."""
        with self._asking(), warnings.catch_warnings():
            # Stages are this product's subject, deprecated or not.
            warnings.filterwarnings("ignore", r".*transition_model_version_stage.* deprecated", FutureWarning)
            self._client.transition_model_version_stage(
                name,
                str(version),
                stage.value,
                archive_existing_versions=archive_existing and stage in _ARCHIVING,
            )

    def set_tag(self, name: str, version: int, key: str, value: str) -> None:
        """See `registry.port`."""
        with self._asking():
            self._client.set_model_version_tag(name, str(version), key, value)

    def delete_tag(self, name: str, version: int, key: str) -> None:
        """See `registry.port`. MLflow says 404 of a tag that is not there."""
        if key in self.version(name, version).tags:
            with self._asking():
                self._client.delete_model_version_tag(name, str(version), key)

    def delete_alias(self, name: str, alias: str) -> None:
        """See `registry.port`."""
        with self._asking():
            self._client.delete_registered_model_alias(name, alias)

    def set_alias(self, name: str, alias: str, version: int) -> None:
        """See `registry.port`."""
        with self._asking():
            self._client.set_registered_model_alias(name, alias, str(version))

    def _asking(self) -> AbstractContextManager[None]:
        return translated(self._uri)

    def _search(self, name: str) -> list[MlflowVersion]:
        quote = '"' if "'" in name else "'"
        where = f"name = {quote}{name}{quote}"
        return _pages(
            lambda token: self._client.search_model_versions(where, max_results=_PAGE, page_token=token)
        )

    def _logged_model(self, version: ModelVersion) -> LoggedModel | None:
        try:
            with self._asking():
                return self._artifacts.logged_model(version.source)
        except VersionMissing:
            return None

    def _run(self, run_id: str | None) -> Run | None:
        try:
            with self._asking():
                return self._client.get_run(run_id) if run_id else None
        except VersionMissing:
            return None


def _pages(ask: Callable[[str | None], PagedList[_Found]], limit: int | None = None) -> list[_Found]:
    """What a search finds, page by page: all of it, or the first `limit`."""
    found: list[_Found] = []
    token = None
    while True:
        page = ask(token)
        found += page
        token = page.token
        if not token or (limit is not None and len(found) >= limit):
            return found[:limit]
