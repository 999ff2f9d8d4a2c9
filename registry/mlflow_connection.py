"""The wire to an MLflow server: bounded patience, and MLflow's errors in the registry's own words.

MLflow's client gives up after seven retries of two minutes each; a gate must hear of an outage while the work
can still be put back. What is asked over the wire is `registry.mlflow_registry`'s business.
"""

import os
import re
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from urllib.parse import urlsplit

from mlflow import MlflowClient
from mlflow.exceptions import ERROR_CODE_TO_HTTP_STATUS, InvalidUrlException, MlflowException

from registry.errors import RegistryRefused, RegistryUnavailable, VersionMissing

PATIENCE = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "6",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
"""MLflow reads these at every call, and offers no other way in. One retry covers a connection that the server
closed while it was idle; a server that is away is told of at once, a silent one after 12 s."""

_MISSING = {"RESOURCE_DOES_NOT_EXIST", "NOT_FOUND"}
_TRANSIENT = {409, 429, 499}
_CAUSE = re.compile(r"Caused by \w+\([\"'](?:\w+\(.*?\): )?(.*?)[\"']\)")
_DATABASE_AWAY = re.compile(r"sqlalche\.me/e/\d+/(?:e3q8|rvf5|4xp6|8s2b)\b")
"""SQLAlchemy's operational, interface and database errors, and a transaction they have broken: MLflow answers
400 to most of them, as if the question had been wrong."""
_LONGEST = 400


def connect(uri: str, environ: MutableMapping[str, str] = os.environ) -> MlflowClient:
    """A client of the server at `uri`. Nothing is sent yet. Raises RegistryRefused if `uri` is no address.

    What the environment already says of MLflow's patience stays.
    """
    _check(uri)
    for name, value in PATIENCE.items():
        environ.setdefault(name, value)
    with translated(uri):
        return MlflowClient(tracking_uri=uri, registry_uri=uri)


@contextmanager
def translated(uri: str) -> Iterator[None]:
    """Raise what MLflow raises inside as a RegistryError that names the server."""
    try:
        yield
    except MlflowException as error:
        raise in_our_words(error, uri) from error


def in_our_words(error: MlflowException, uri: str) -> RegistryRefused | RegistryUnavailable:
    """The RegistryError that says what to do about an error of MLflow's."""
    cause = _CAUSE.search(str(error))
    said = (cause[1] if cause else str(error))[:_LONGEST]
    if _DATABASE_AWAY.search(str(error)):
        return RegistryUnavailable(f"MLflow at {uri} cannot ask its database now: {said}")
    if error.error_code in _MISSING:
        return VersionMissing(f"MLflow at {uri}: {said}")
    if error.error_code == "ENDPOINT_NOT_FOUND":
        return RegistryRefused(f"{uri} answers, but not as an MLflow server does: is the address right?")
    status = ERROR_CODE_TO_HTTP_STATUS.get(error.error_code, 500)
    if status in _TRANSIENT or (status >= 500 and not isinstance(error, InvalidUrlException)):  # noqa: PLR2004 HTTP
        return RegistryUnavailable(f"MLflow at {uri} cannot be asked now: {said}")
    return RegistryRefused(f"MLflow at {uri} refused: {said}")


def _check(uri: str) -> None:
    try:
        parts = urlsplit(uri)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise RegistryRefused(
            f"'{uri}' is not the address of an MLflow server; write one such as http://127.0.0.1:5000"
        )
