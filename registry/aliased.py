"""AliasedRegistry: a registry whose lifecycle is kept in aliases, seen as one with stages.

MLflow deprecates stages; its users live in both worlds. Here Production is the alias `champion`, Staging the
alias `candidate`, and Archived a tag of ours, since no alias can say "was there". All above this door speak
of stages and keep every promise for both.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from registry.events import OWN_TAGS
from registry.port import Registry
from registry.words import LoggedData, ModelVersion, RequestedRun, Stage, VersionFacts

CHAMPION = "champion"
CANDIDATE = "candidate"
ALIASES = {Stage.PRODUCTION: CHAMPION, Stage.STAGING: CANDIDATE}
ARCHIVED_TAG = f"{OWN_TAGS}archived"


def stage_by_alias(version: ModelVersion) -> Stage:
    """Where a version stands; an alias outweighs the tag, which is set before and taken away after."""
    if CHAMPION in version.aliases:
        return Stage.PRODUCTION
    if CANDIDATE in version.aliases:
        return Stage.STAGING
    return Stage.ARCHIVED if ARCHIVED_TAG in version.tags else Stage.NONE


class AliasedRegistry:
    """The port over another registry; its own stages are neither read nor written."""

    def __init__(self, inner: Registry) -> None:
        self._inner = inner

    def version(self, name: str, version: int) -> ModelVersion:
        """See `registry.port`."""
        return _seen(self._inner.version(name, version))

    def versions(self, name: str) -> Sequence[ModelVersion]:
        """See `registry.port`."""
        return [_seen(version) for version in self._inner.versions(name)]

    def model_tags(self, name: str) -> Mapping[str, str]:
        """See `registry.port`."""
        return self._inner.model_tags(name)

    def recent(self, limit: int) -> Sequence[ModelVersion]:
        """See `registry.port`. Without aliases nobody's stage is known: sweeps read the registry itself."""
        return self._inner.recent(limit)

    def everything(self) -> Sequence[ModelVersion]:
        """See `registry.port`."""
        return [_seen(version) for version in self._inner.everything()]

    def facts(self, version: ModelVersion) -> VersionFacts:
        """See `registry.port`."""
        return self._inner.facts(version)

    def fetch(self, version: ModelVersion, folder: Path) -> Path:
        """See `registry.port`."""
        return self._inner.fetch(version, folder)

    def run_file(self, version: ModelVersion, path: str, most_bytes: int) -> bytes | None:
        """See `registry.port`."""
        return self._inner.run_file(version, path, most_bytes)

    def log(
        self, version: ModelVersion, files: Mapping[str, bytes], figures: Mapping[str, float], at: datetime
    ) -> None:
        """See `registry.port`."""
        self._inner.log(version, files, figures, at)

    def logged_data(self, run_id: str, name: str, folder: Path, *, beside: ModelVersion) -> str:
        """See `registry.port`."""
        return self._inner.logged_data(run_id, name, folder, beside=beside)

    def trained_on(self, version: ModelVersion) -> Sequence[LoggedData]:
        """See `registry.port`."""
        return self._inner.trained_on(version)

    def requested(self, name: str, request: str, now: datetime) -> Sequence[RequestedRun]:
        """See `registry.port`."""
        return self._inner.requested(name, request, now)

    def transition(self, name: str, version: int, stage: Stage, *, archive_existing: bool = False) -> None:
        """See `registry.port`. An alias has one holder: whoever held it is archived, asked for or not.

        Several writes, each only where it is wanting, in an order that leaves no moment without a champion
        and no archived one with an alias: the tag of whoever leaves, the alias, then what is left over.
        """
        del archive_existing
        alias = ALIASES.get(stage)
        for each in self.versions(name):
            leaves = stage is Stage.ARCHIVED if each.version == version else alias in each.aliases
            if leaves and ARCHIVED_TAG not in each.tags:
                by = "the gate" if each.version == version else f"version {version}"
                self._inner.set_tag(name, each.version, ARCHIVED_TAG, f"by {by}")
        if alias and alias not in self._inner.version(name, version).aliases:
            self._inner.set_alias(name, alias, version)
        self._clean(name, version, keep=alias, archived=stage is Stage.ARCHIVED)

    def set_tag(self, name: str, version: int, key: str, value: str) -> None:
        """See `registry.port`."""
        self._inner.set_tag(name, version, key, value)

    def delete_tag(self, name: str, version: int, key: str) -> None:
        """See `registry.port`."""
        self._inner.delete_tag(name, version, key)

    def set_alias(self, name: str, alias: str, version: int) -> None:
        """See `registry.port`."""
        self._inner.set_alias(name, alias, version)

    def delete_alias(self, name: str, alias: str) -> None:
        """See `registry.port`."""
        self._inner.delete_alias(name, alias)

    def _clean(self, name: str, version: int, *, keep: str | None, archived: bool) -> None:
        """Take away what no longer says where this version stands."""
        now = self._inner.version(name, version)
        for alias in (CHAMPION, CANDIDATE):
            if alias in now.aliases and alias != keep:
                self._inner.delete_alias(name, alias)
        if ARCHIVED_TAG in now.tags and not archived:
            self._inner.delete_tag(name, version, ARCHIVED_TAG)


def _seen(version: ModelVersion) -> ModelVersion:
    return version.model_copy(update={"stage": stage_by_alias(version)})
