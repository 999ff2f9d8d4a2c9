"""Where a version's files really lie, and how they come here.

MLflow says READY of a version whose files are gone or never were, so each way in looks first. Addresses are
resolved here, not by MLflow's `runs:` and `models:` repositories: those ask whichever server the process
happens to be set to, and tell an outage as a missing file.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from mlflow import MlflowClient
from mlflow.entities import LoggedModel, Run
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repo import ArtifactRepository
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from registry.errors import ArtifactsMissing, ArtifactsUnavailable, RegistryError, VersionMissing
from registry.mlflow_connection import in_our_words
from registry.words import ModelVersion

MLMODEL = "MLmodel"
_LOGGED_MODEL = re.compile(r"models:/(m-[^/]+)$")
_RUN_PATH = re.compile(r"runs:/(?P<run>[^/]+)/(?P<model>[^/]+)(?P<rest>/.*)?$")
_GONE = re.compile(r"NoSuchBucket|NoSuchKey|\b404\b|NotFound", re.IGNORECASE)


class Artifacts:
    """The files of model versions, read through one MLflow server."""

    def __init__(self, client: MlflowClient, uri: str) -> None:
        self._client = client
        self._uri = uri

    def mlmodel(self, version: ModelVersion) -> str:
        """The text of the version's MLmodel file. Raises ArtifactsMissing."""
        with self._reading(version), TemporaryDirectory() as folder:
            repository = self._repository(version)
            return _download(repository, MLMODEL, Path(folder)).read_text(encoding="utf-8")

    def fetch(self, version: ModelVersion, folder: Path) -> Path:
        """All files of the version below `folder`. Raises ArtifactsMissing."""
        with self._reading(version):
            folder.mkdir(parents=True, exist_ok=True)
            return _download(self._repository(version), "", folder)

    def of_run(self, run: Run, path: str, most_bytes: int) -> bytes | None:
        """One file of a run; None where there is none, or only a larger one. Raises ArtifactsUnavailable."""
        try:
            with (
                self._telling(f"the artifacts of run {run.info.run_id}"),
                TemporaryDirectory(prefix="gatehouse-") as folder,
            ):
                repository = self._repository_at(run.info.artifact_uri)
                beside = path.rpartition("/")[0] or None
                sizes = {file.path: file.file_size or 0 for file in repository.list_artifacts(beside)}
                if path not in sizes or sizes[path] > most_bytes:
                    return None
                found = _download(repository, path, Path(folder)).read_bytes()
                return None if len(found) > most_bytes else found
        except ArtifactsMissing:
            return None

    def to_run(self, run: Run, files: Mapping[str, bytes]) -> None:
        """Put files among a run's artifacts, by their paths; what is there is replaced."""
        with (
            self._telling(f"the artifacts of run {run.info.run_id}"),
            TemporaryDirectory(prefix="gatehouse-") as folder,
        ):
            for path, content in files.items():
                place = Path(folder) / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
            self._repository_at(run.info.artifact_uri).log_artifacts(folder)  # type: ignore[no-untyped-call]

    def bring(self, address: str, folder: Path) -> Path:
        """A file, or a folder of them, at an address that MLflow knows. Raises as `fetch` does."""
        with self._telling(address):
            folder.mkdir(parents=True, exist_ok=True)
            place, _, name = self._location(address).rstrip("/").rpartition("/")
            return _download(self._repository_at(place), name, folder)

    def logged_model(self, source: str) -> LoggedModel | None:
        """The LoggedModel that a source names, directly or as a run's model; None where there is none."""
        if direct := _LOGGED_MODEL.match(source):
            return self._client.get_logged_model(direct[1])
        if of_run := _RUN_PATH.match(source):
            return self._model_of_run(of_run["run"], of_run["model"])
        return None

    def _repository(self, version: ModelVersion) -> ArtifactRepository:
        location = self._location(
            self._client.get_model_version_download_uri(version.name, str(version.version))
        )
        repository = self._repository_at(location)
        if not any(file.path == MLMODEL for file in repository.list_artifacts()):
            raise ArtifactsMissing(
                f"{version.name} version {version.version} has no MLmodel file at {location}: "
                "its files are gone, or it was registered from the wrong place; log the model again"
            )
        return repository

    def _repository_at(self, location: str) -> ArtifactRepository:
        return get_artifact_repository(location, tracking_uri=self._uri, registry_uri=self._uri)

    def _location(self, source: str) -> str:
        """The address of the files behind a run's or a LoggedModel's name; any other stays as it is."""
        if model := self.logged_model(source):
            rest = of_run["rest"] if (of_run := _RUN_PATH.match(source)) else None
            return f"{model.artifact_location}{rest or ''}"
        if of_run := _RUN_PATH.match(source):
            root = self._client.get_run(of_run["run"]).info.artifact_uri
            return f"{root}/{of_run['model']}{of_run['rest'] or ''}"
        return source

    def _model_of_run(self, run_id: str, name: str) -> LoggedModel | None:
        """A run's model by its name. MLflow 3 keeps it beside the run's artifacts, not among them."""
        experiment = self._client.get_run(run_id).info.experiment_id
        found = self._client.search_logged_models(
            [experiment], filter_string=f"source_run_id = '{run_id}'", max_results=50
        )
        return next((model for model in found if model.name == name), None)

    @contextmanager
    def _reading(self, version: ModelVersion) -> Iterator[None]:
        with self._telling(f"the files of {version.name} version {version.version} at {version.source}"):
            yield

    @contextmanager
    def _telling(self, what: str) -> Iterator[None]:
        """Tell missing files from a store that cannot be read now."""
        try:
            yield
        except RegistryError:
            raise
        except ImportError as error:
            raise ArtifactsUnavailable(
                f"{what} cannot be read here: {error}; install the library of that store beside Gatehouse"
            ) from error
        except MlflowException as error:
            told = in_our_words(error, self._uri)
            raise (ArtifactsMissing(f"{what} are gone: {told}") if _is_gone(told) else told) from error
        except Exception as error:  # each store's own library raises its own errors
            missing = _GONE.search(str(error)) or isinstance(error, FileNotFoundError)
            raise (ArtifactsMissing if missing else ArtifactsUnavailable)(f"{what}: {error}") from error


def _download(repository: ArtifactRepository, path: str, folder: Path) -> Path:
    return Path(repository.download_artifacts(path, str(folder)))  # type: ignore[no-untyped-call]


def _is_gone(told: RegistryError) -> bool:
    return isinstance(told, VersionMissing) or "404 Client Error" in str(told)
