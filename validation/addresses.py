"""Finds the files behind a data set's address, wherever fsspec reaches: paths, s3://, gs://, abfs://, https://.

What they hold is read in `validation.reading`. Drivers take their credentials from the environment; an
address is shown without its own, and what a driver says is not repeated, since it may quote them.
"""

import errno
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO, Final, cast
from urllib.parse import urlsplit

from fsspec import AbstractFileSystem
from fsspec.core import url_to_fs
from fsspec.registry import known_implementations

MOST_FILES: Final = 500
"""All files of a folder are open at once while they are read."""
_SECRET: Final = re.compile(r"(?<=://)[^/@]*:[^/@]*@|[?#].*$")
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_HIDDEN: Final = (".", "_")
"""How names begin that Spark and others put beside the data, such as `_SUCCESS`."""
_ALIASES: Final = {"abfss": "abfs", "wasbs": "abfs"}


class HoldoutInvalid(Exception):
    """There is no hold-out that can be judged on; the sentence says what to change."""


@dataclass(frozen=True)
class DataFile:
    """One file; `shown` is its address for sentences, `written` when it last changed, where that is told."""

    shown: str
    written: datetime | None
    path: str
    store: AbstractFileSystem

    @property
    def name(self) -> str:
        """The last part of its path."""
        path = urlsplit(self.path).path if "://" in self.path else self.path
        return path.rpartition("/")[2]

    @property
    def local(self) -> bool:
        """Whether it lies on this machine, where it can be read again and again."""
        return "file" in self.store.protocol

    def open(self) -> BinaryIO:
        """Its bytes. Raises whatever the store raises: read it within `telling`."""
        return cast("BinaryIO", self.store.open(self.path, "rb"))


def shown(address: str) -> str:
    """An address as it may be told to anybody."""
    return _SECRET.sub("", address) if _SCHEME.match(address) else address


def files_at(address: str) -> tuple[DataFile, ...]:
    """The file at an address, or all files of a folder, by name. Raises HoldoutInvalid."""
    with telling(shown(address)):
        store, path = _store(address)
        facts = store.info(path)
        if facts["type"] != "directory":
            return (DataFile(shown(address), _written(store, facts), path, store),)
        return _in_folder(store, path, shown(address))


def _in_folder(store: AbstractFileSystem, folder: str, where: str) -> tuple[DataFile, ...]:
    found = []
    for facts in store.ls(folder, detail=True):
        name = facts["name"].rstrip("/").rpartition("/")[2]
        if facts["name"].rstrip("/") == folder.rstrip("/") or name.startswith(_HIDDEN):
            continue
        if facts["type"] == "directory":
            raise HoldoutInvalid(f"{where} has a folder '{name}' in it: give a folder of files")
        found.append(DataFile(f"{where.rstrip('/')}/{name}", _written(store, facts), facts["name"], store))
    if not found:
        raise HoldoutInvalid(f"{where} is a folder without files")
    if len(found) > MOST_FILES:
        raise HoldoutInvalid(f"{where} has {len(found):,} files, at most {MOST_FILES} are read: join them")
    return tuple(sorted(found, key=lambda file: file.name))


def _store(address: str) -> tuple[AbstractFileSystem, str]:
    """The driver for an address. Raises HoldoutInvalid where there is none, or it is not installed."""
    scheme = _SCHEME.match(address)
    kind = _ALIASES.get(scheme[1].lower(), scheme[1].lower()) if scheme else "file"
    try:
        store, path = url_to_fs(f"{kind}{address[scheme.end(1) :]}" if scheme else address)
    except ImportError:
        package = str(known_implementations[kind]["class"]).partition(".")[0]
        package = "aiohttp" if package == "fsspec" else package
        raise HoldoutInvalid(
            f"{shown(address)} cannot be read here: install the Python package {package} beside Gatehouse"
        ) from None
    except ValueError:
        raise HoldoutInvalid(f"{shown(address)} cannot be read: nobody knows the scheme {kind}://") from None
    return store, str(path)


def _written(store: AbstractFileSystem, facts: Mapping[str, Any]) -> datetime | None:
    """When a file last changed, as its store tells it; each does so in its own words."""
    told = facts.get("mtime") or facts.get("LastModified") or facts.get("last_modified")
    told = told or facts.get("updated") or facts.get("Last-Modified") or facts.get("created")
    try:
        if isinstance(told, str):
            told = datetime.fromisoformat(told) if told[:1].isdigit() else parsedate_to_datetime(told)
        elif isinstance(told, (int, float)):
            told = datetime.fromtimestamp(told, UTC)
        elif told is None:
            told = store.modified(facts["name"])
    except (NotImplementedError, ValueError, OSError):
        return None
    if not isinstance(told, datetime):
        return None
    return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)


@contextmanager
def telling(where: str) -> Iterator[None]:
    """Raise whatever a store or a parser of `where` raises as HoldoutInvalid."""
    try:
        yield
    except HoldoutInvalid:
        raise
    except FileNotFoundError:
        raise HoldoutInvalid(f"there is no file {where}") from None
    except Exception as error:  # noqa: BLE001 each store's own library raises its own errors
        raise HoldoutInvalid(f"{where} cannot be read: {_why(error)}") from None


def _why(error: Exception) -> str:
    """What is certainly no secret of what a driver says: the system's words, a status, the error's name."""
    if isinstance(error, OSError) and error.errno in errno.errorcode and error.strerror:
        return error.strerror
    status = getattr(error, "status", None)
    return type(error).__name__ + (f" ({status})" if isinstance(status, int) else "")
