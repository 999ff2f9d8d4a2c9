"""The port: all that Gatehouse asks of a registry.

Two sides keep it: `registry.mlflow_registry.MlflowRegistry` and `registry.memory.MemoryRegistry`, held to
the same contract tests; `registry.aliased.AliasedRegistry` shows aliases as stages over either. Every method
raises `RegistryUnavailable` when the registry cannot be asked and `RegistryRefused` (or a subclass) when it
says no.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from registry.words import LoggedData, ModelVersion, RequestedRun, Stage, VersionFacts


class Registry(Protocol):
    """A model registry, seen from the gate."""

    def version(self, name: str, version: int) -> ModelVersion:
        """One version with its tags and aliases. Raises VersionMissing."""

    def versions(self, name: str) -> Sequence[ModelVersion]:
        """Every version of one registered model, newest version first; empty if there is no such model."""

    def model_tags(self, name: str) -> Mapping[str, str]:
        """The tags of a registered model itself, not of its versions; none if there is no such model."""

    def recent(self, limit: int) -> Sequence[ModelVersion]:
        """The versions of all models that changed last, latest change first (aliases are not filled in)."""

    def everything(self) -> Sequence[ModelVersion]:
        """Every version of every model, with tags and aliases, in no order; as slow as it is large."""

    def facts(self, version: ModelVersion) -> VersionFacts:
        """Signature, logged metrics, authors: all that is known without running the model.

        Raises ArtifactsMissing when the version's files are gone, ArtifactsUnavailable when out of reach.
        """

    def fetch(self, version: ModelVersion, folder: Path) -> Path:
        """Download the model's files below `folder`; the path of the MLmodel's folder comes back.

        Raises ArtifactsMissing when they are gone, ArtifactsUnavailable when out of reach.
        """

    def run_file(self, version: ModelVersion, path: str, most_bytes: int) -> bytes | None:
        """A file among the artifacts of the run that made the version.

        None where there is none, or only a larger one. Raises ArtifactsUnavailable when out of reach.
        """

    def log(
        self, version: ModelVersion, files: Mapping[str, bytes], figures: Mapping[str, float], at: datetime
    ) -> None:
        """Give files and figures to the run that made the version: below `gatehouse/`, as `gatehouse.NAME`.

        `files` by their path there; `figures` are finite, by names that `registry.logged.name_of` makes. The
        same with the same `at` twice does nothing more, and no version's facts tell of them. Raises
        RunMissing, or ArtifactsUnavailable when the run's files are out of reach.
        """

    def logged_data(self, run_id: str, name: str, folder: Path, *, beside: ModelVersion) -> str:
        """The address of a data set that a run logged as its input under this name.

        The run lies in the workspace of the version `beside`. What no other library reaches is brought below
        `folder`. Raises ArtifactsMissing where there is no such run, data set or address,
        ArtifactsUnavailable when out of reach.
        """

    def trained_on(self, version: ModelVersion) -> Sequence[LoggedData]:
        """What the run that made the version logged as its inputs for training."""

    def requested(self, name: str, request: str, now: datetime) -> Sequence[RequestedRun]:
        """The runs that say that they were made for a request of a new version of `name`, in no order."""

    def transition(self, name: str, version: int, stage: Stage, *, archive_existing: bool = False) -> None:
        """Move one version to a stage; with `archive_existing`, the stage's other versions are archived."""

    def set_tag(self, name: str, version: int, key: str, value: str) -> None:
        """Set one tag of one version."""

    def delete_tag(self, name: str, version: int, key: str) -> None:
        """Take one tag away from one version; nothing if it has none of that key."""

    def set_alias(self, name: str, alias: str, version: int) -> None:
        """Point an alias of the model at this version, taking it from any other."""

    def delete_alias(self, name: str, alias: str) -> None:
        """Take an alias of the model away; nothing if it has none of that name."""
