"""MemoryRegistry: the port kept in memory, for tests and rehearsals, held to the same contract as MLflow.

Versions are put in with `register`; an outage, lost files and deletions happen on request.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import Field

from registry.errors import ArtifactsMissing, RegistryUnavailable, RunMissing, VersionMissing
from registry.events import OWN_TAGS
from registry.logged import OWN_FILES, OWN_METRICS, others
from registry.words import LoggedData, ModelVersion, RequestedRun, Signature, Stage, Value, VersionFacts

_ARCHIVING = {Stage.STAGING, Stage.PRODUCTION}


class Seed(Value):
    """What a trainer gives when a version is registered; `files` is None where the files are gone."""

    source: str = "memory:/model"
    run_id: str | None = None
    user: str | None = None
    tags: dict[str, str] = Field(default_factory=dict)
    logged: dict[str, float] = Field(default_factory=dict)
    params: dict[str, str] = Field(default_factory=dict)
    authors: frozenset[str] = frozenset()
    signature: Signature | None = None
    has_input_example: bool = False
    run_data: dict[str, str] = Field(default_factory=dict)
    trained_on: tuple[LoggedData, ...] = ()
    run_files: dict[str, bytes] = Field(default_factory=dict)
    files: dict[str, bytes] | None = Field(default_factory=lambda: {"MLmodel": b"flavors: {}\n"})


class MemoryRegistry:
    """A registry that forgets all when the process ends. `now` is the clock of its timestamps."""

    outage: str | None = None
    """While set, every question raises RegistryUnavailable with this sentence."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._latest: datetime | None = None
        self._versions: dict[tuple[str, int], ModelVersion] = {}
        self._seeds: dict[tuple[str, int], Seed] = {}
        self._given: dict[str, int] = {}
        self._model_tags: dict[str, dict[str, str]] = {}
        self.deleted_runs: set[str] = set()
        self.runs_for: dict[str, list[RequestedRun]] = {}
        """By request: what trainers did for it."""

    def register(self, name: str, seed: Seed | None = None) -> ModelVersion:
        """A new version of `name`, stage None, as a trainer would register it."""
        seed = seed or Seed()
        number = self._given[name] = self._given.get(name, 0) + 1
        at = self._tick()
        self._seeds[name, number] = seed
        self._versions[name, number] = ModelVersion(
            name=name,
            version=number,
            stage=Stage.NONE,
            source=seed.source,
            run_id=seed.run_id,
            tags=seed.tags,
            user=seed.user,
            created=at,
            updated=at,
        )
        return self._versions[name, number]

    def tag_model(self, name: str, key: str, value: str) -> None:
        """Someone tags the registered model itself."""
        self._model_tags.setdefault(name, {})[key] = value

    def lose_files(self, name: str, version: int) -> None:
        """From now on the version's files are gone."""
        self._seeds[name, version] = self._seeds[name, version].model_copy(update={"files": None})

    def delete(self, name: str, version: int) -> None:
        """Someone deletes the version; its number is not given again."""
        with suppress(KeyError):
            del self._versions[name, version]

    def version(self, name: str, version: int) -> ModelVersion:
        """See `registry.port`."""
        self._answer()
        try:
            return self._versions[name, version]
        except KeyError:
            raise VersionMissing(f"{name} version {version} is not in the registry") from None

    def versions(self, name: str) -> Sequence[ModelVersion]:
        """See `registry.port`."""
        self._answer()
        return sorted((v for v in self._versions.values() if v.name == name), key=lambda v: -v.version)

    def model_tags(self, name: str) -> Mapping[str, str]:
        """See `registry.port`."""
        self._answer()
        return self._model_tags.get(name, {})

    def recent(self, limit: int) -> Sequence[ModelVersion]:
        """See `registry.port`."""
        self._answer()
        latest_first = sorted(self._versions.values(), key=lambda v: v.updated, reverse=True)
        return [each.model_copy(update={"aliases": frozenset()}) for each in latest_first[:limit]]

    def everything(self) -> Sequence[ModelVersion]:
        """See `registry.port`."""
        self._answer()
        return list(self._versions.values())

    def facts(self, version: ModelVersion) -> VersionFacts:
        """See `registry.port`."""
        self._files(version)
        seed = self._seeds[version.name, version.version]
        makers = seed.authors | {version.user or "", version.tags.get("author", "")}
        return VersionFacts(
            name=version.name,
            version=version.version,
            source=version.source,
            run_id=version.run_id,
            tags={key: value for key, value in version.tags.items() if not key.startswith(OWN_TAGS)},
            logged=others(seed.logged),
            params=seed.params,
            authors=makers - {""},
            signature=seed.signature,
            has_input_example=seed.has_input_example,
        )

    def fetch(self, version: ModelVersion, folder: Path) -> Path:
        """See `registry.port`."""
        for path, content in self._files(version).items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        return folder

    def run_file(self, version: ModelVersion, path: str, most_bytes: int) -> bytes | None:
        """See `registry.port`."""
        self.version(version.name, version.version)
        found = self._seeds[version.name, version.version].run_files.get(path)
        return None if found is None or len(found) > most_bytes else found

    def log(
        self, version: ModelVersion, files: Mapping[str, bytes], figures: Mapping[str, float], at: datetime
    ) -> None:
        """See `registry.port`. The time is the run's own matter, and kept by no one here."""
        del at
        self.version(version.name, version.version)
        if version.run_id is None or version.run_id in self.deleted_runs:
            raise RunMissing(f"no run made {version.name} version {version.version} that is still there")
        seed = self._seeds[version.name, version.version]
        named = {f"{OWN_FILES}/{path}": content for path, content in files.items()}
        logged = {f"{OWN_METRICS}{key}": value for key, value in figures.items()}
        self._seeds[version.name, version.version] = seed.model_copy(
            update={"run_files": seed.run_files | named, "logged": seed.logged | logged}
        )

    def metrics_of_run(self, version: ModelVersion) -> Mapping[str, float]:
        """All that stands in the run, also what Gatehouse itself logged."""
        return self._seeds[version.name, version.version].logged

    def logged_data(self, run_id: str, name: str, folder: Path, *, beside: ModelVersion) -> str:  # noqa: ARG002 nothing is far away here
        """See `registry.port`."""
        self._answer()
        for seed in self._seeds.values():
            if seed.run_id == run_id and name in seed.run_data:
                return seed.run_data[name]
        raise ArtifactsMissing(f"run {run_id} logged no data set '{name}'")

    def trained_on(self, version: ModelVersion) -> Sequence[LoggedData]:
        """See `registry.port`."""
        self.version(version.name, version.version)
        return self._seeds[version.name, version.version].trained_on

    def requested(self, name: str, request: str, now: datetime) -> Sequence[RequestedRun]:  # noqa: ARG002 each stands as it was put in
        """See `registry.port`."""
        self._answer()
        return self.runs_for.get(request, [])

    def transition(self, name: str, version: int, stage: Stage, *, archive_existing: bool = False) -> None:
        """See `registry.port`."""
        moved = self.version(name, version)
        at = self._tick()
        if archive_existing and stage in _ARCHIVING:
            for other in self.versions(name):
                if other.stage is stage and other.version != version:
                    self._change(other, stage=Stage.ARCHIVED, updated=at)
        self._change(moved, stage=stage, updated=at)

    def set_tag(self, name: str, version: int, key: str, value: str) -> None:
        """See `registry.port`."""
        tagged = self.version(name, version)
        self._change(tagged, tags=tagged.tags | {key: value})

    def delete_tag(self, name: str, version: int, key: str) -> None:
        """See `registry.port`."""
        tagged = self.version(name, version)
        self._change(tagged, tags={k: v for k, v in tagged.tags.items() if k != key})

    def delete_alias(self, name: str, alias: str) -> None:
        """See `registry.port`."""
        for each in self.versions(name):
            self._change(each, aliases=each.aliases - {alias})

    def set_alias(self, name: str, alias: str, version: int) -> None:
        """See `registry.port`."""
        self.version(name, version)
        for each in self.versions(name):
            taken, given = each.aliases - {alias}, each.aliases | {alias}
            self._change(each, aliases=given if each.version == version else taken)

    def _change(self, version: ModelVersion, **news: object) -> None:
        self._versions[version.name, version.version] = version.model_copy(update=news)

    def _files(self, version: ModelVersion) -> dict[str, bytes]:
        self.version(version.name, version.version)
        files = self._seeds[version.name, version.version].files
        if not files or "MLmodel" not in files:
            raise ArtifactsMissing(f"{version.name} version {version.version} has no MLmodel file")
        return files

    def _answer(self) -> None:
        if self.outage:
            raise RegistryUnavailable(self.outage)

    def _tick(self) -> datetime:
        """A time later than every one given before, so that order never depends on a coarse clock."""
        now = self._now()
        if self._latest and now <= self._latest:
            now = self._latest + timedelta(milliseconds=1)
        self._latest = now
        return now
