"""Several workspaces of one MLflow server as one registry: a model's name carries its workspace.

Outside the default workspace a model is called `workspace/name`; MLflow takes no slash in a name. So all that
is keyed by a model's name (sightings, work, locks, policies) is keyed by its workspace too, and a server
without workspaces looks like one with the default alone.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from itertools import chain
from pathlib import Path

from registry.errors import VersionMissing
from registry.port import Registry
from registry.words import LoggedData, ModelVersion, RequestedRun, Stage, VersionFacts

DEFAULT = "default"
Within = Callable[[str], AbstractContextManager[object]]
"""For as long as the block lasts, the registry inside is asked within this workspace."""


def qualified(workspace: str | None, name: str) -> str:
    """The name that a model of this workspace goes by here."""
    return name if workspace in {None, "", DEFAULT} else f"{workspace}/{name}"


def split(model: str) -> tuple[str, str]:
    """The workspace, and the name by which it knows the model."""
    workspace, slash, name = model.partition("/")
    return (workspace, name) if slash else (DEFAULT, model)


class WorkspacedRegistry:
    """The port over a registry that is asked within one workspace at a time."""

    def __init__(self, inner: Registry, workspaces: Sequence[str], within: Within) -> None:
        self._inner = inner
        self._workspaces = workspaces
        self._within = within

    def version(self, name: str, version: int) -> ModelVersion:
        """See `registry.port`."""
        workspace, theirs = self._place(name)
        with self._within(workspace):
            return _named(workspace, self._inner.version(theirs, version))

    def versions(self, name: str) -> Sequence[ModelVersion]:
        """See `registry.port`."""
        workspace, theirs = self._place(name)
        with self._within(workspace):
            return [_named(workspace, each) for each in self._inner.versions(theirs)]

    def recent(self, limit: int) -> Sequence[ModelVersion]:
        """See `registry.port`."""
        found = self._everywhere(lambda: self._inner.recent(limit))
        return sorted(found, key=lambda each: each.updated, reverse=True)[:limit]

    def everything(self) -> Sequence[ModelVersion]:
        """See `registry.port`."""
        return self._everywhere(self._inner.everything)

    def model_tags(self, name: str) -> Mapping[str, str]:
        """See `registry.port`."""
        workspace, theirs = self._place(name)
        with self._within(workspace):
            return self._inner.model_tags(theirs)

    def facts(self, version: ModelVersion) -> VersionFacts:
        """See `registry.port`."""
        workspace, theirs = self._place(version.name)
        with self._within(workspace):
            facts = self._inner.facts(version.model_copy(update={"name": theirs}))
        return facts.model_copy(update={"name": version.name})

    def fetch(self, version: ModelVersion, folder: Path) -> Path:
        """See `registry.port`."""
        workspace, theirs = self._place(version.name)
        with self._within(workspace):
            return self._inner.fetch(version.model_copy(update={"name": theirs}), folder)

    def run_file(self, version: ModelVersion, path: str, most_bytes: int) -> bytes | None:
        """See `registry.port`."""
        workspace, theirs = self._place(version.name)
        with self._within(workspace):
            return self._inner.run_file(version.model_copy(update={"name": theirs}), path, most_bytes)

    def log(
        self, version: ModelVersion, files: Mapping[str, bytes], figures: Mapping[str, float], at: datetime
    ) -> None:
        """See `registry.port`."""
        workspace, theirs = self._place(version.name)
        with self._within(workspace):
            self._inner.log(version.model_copy(update={"name": theirs}), files, figures, at)

    def logged_data(self, run_id: str, name: str, folder: Path, *, beside: ModelVersion) -> str:
        """See `registry.port`."""
        workspace, theirs = self._place(beside.name)
        with self._within(workspace):
            inner = beside.model_copy(update={"name": theirs})
            return self._inner.logged_data(run_id, name, folder, beside=inner)

    def trained_on(self, version: ModelVersion) -> Sequence[LoggedData]:
        """See `registry.port`."""
        workspace, theirs = self._place(version.name)
        with self._within(workspace):
            return self._inner.trained_on(version.model_copy(update={"name": theirs}))

    def requested(self, name: str, request: str, now: datetime) -> Sequence[RequestedRun]:
        """See `registry.port`."""
        workspace, theirs = self._place(name)
        with self._within(workspace):
            return self._inner.requested(theirs, request, now)

    def transition(self, name: str, version: int, stage: Stage, *, archive_existing: bool = False) -> None:
        """See `registry.port`."""
        workspace, theirs = self._place(name)
        with self._within(workspace):
            self._inner.transition(theirs, version, stage, archive_existing=archive_existing)

    def set_tag(self, name: str, version: int, key: str, value: str) -> None:
        """See `registry.port`."""
        workspace, theirs = self._place(name)
        with self._within(workspace):
            self._inner.set_tag(theirs, version, key, value)

    def delete_tag(self, name: str, version: int, key: str) -> None:
        """See `registry.port`."""
        workspace, theirs = self._place(name)
        with self._within(workspace):
            self._inner.delete_tag(theirs, version, key)

    def set_alias(self, name: str, alias: str, version: int) -> None:
        """See `registry.port`."""
        workspace, theirs = self._place(name)
        with self._within(workspace):
            self._inner.set_alias(theirs, alias, version)

    def delete_alias(self, name: str, alias: str) -> None:
        """See `registry.port`."""
        workspace, theirs = self._place(name)
        with self._within(workspace):
            self._inner.delete_alias(theirs, alias)

    def _place(self, name: str) -> tuple[str, str]:
        workspace, theirs = split(name)
        if workspace not in self._workspaces:
            raise VersionMissing(
                f"the workspace '{workspace}' of {name} is not guarded: GATEHOUSE_WORKSPACES"
            )
        return workspace, theirs

    def _everywhere(self, ask: Callable[[], Sequence[ModelVersion]]) -> list[ModelVersion]:
        return list(chain.from_iterable(self._asked(workspace, ask) for workspace in self._workspaces))

    def _asked(self, workspace: str, ask: Callable[[], Sequence[ModelVersion]]) -> list[ModelVersion]:
        with self._within(workspace):
            return [_named(workspace, each) for each in ask()]


def _named(workspace: str, version: ModelVersion) -> ModelVersion:
    return version.model_copy(update={"name": qualified(workspace, version.name)})
