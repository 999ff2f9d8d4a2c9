"""A hold-out that is left where it lies: what is known of it without reading its rows into this machine."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from validation.addresses import DataFile, HoldoutInvalid, files_at, shown, telling
from validation.parsing import PARQUET
from validation.reading import digest_of_files

_BLOCK: Final = 1 << 20
_PATTERN: Final = re.compile(r"[\\*?{}\[\]]")
_ESCAPED: Final = r"\\\g<0>"
_SPARKS: Final = {"s3": "s3a", "abfs": "abfss", "gcs": "gs"}
"""What Spark's own drivers call the same stores."""


@dataclass(frozen=True)
class Cluster:
    """How Spark is reached: by a master's URL, or by Spark Connect; `master` may be local[2]."""

    master: str | None = None
    remote: str | None = None

    @property
    def address(self) -> str:
        """The one that counts; empty without any."""
        return self.remote or self.master or ""


@dataclass(frozen=True)
class FarFile:
    """One file: as Spark reaches it, and the place of its first row among all."""

    address: str
    name: str
    start: int


@dataclass(frozen=True, eq=False)
class FarHoldout:
    """Rows for Spark. `digest` and `written` as of any hold-out; `total` counts all rows, judged or not."""

    name: str
    shown: str
    target: str
    digest: str
    files: tuple[FarFile, ...]
    total: int
    columns: tuple[str, ...]
    cluster: Cluster
    day: str | None = None
    min_rows: int = 1
    written: datetime | None = None


def find_far(
    address: str | PathLike[str],
    *,
    name: str,
    target: str,
    cluster: Cluster,
    min_rows: int = 1,
    day: str | None = None,
) -> FarHoldout:
    """Look at Parquet files and their digest. Raises HoldoutInvalid.

    The bytes go by once, for the digest, and nothing is held of them.
    """
    where = fspath(address)
    if not cluster.address:
        what = (
            "engine: spark needs GATEHOUSE_SPARK_MASTER or GATEHOUSE_SPARK_REMOTE in the workers' environment"
        )
        raise HoldoutInvalid(f"{shown(where)}: {what}")
    found = files_at(where)
    digests, starts, total = [], [], 0
    columns: Sequence[str] = ()
    for file in found:
        digest, schema, rows = _look(file)
        columns = columns or schema
        digests.append((digest, file.name))
        starts.append(FarFile(_spark_address(file), file.name, total))
        total += rows
    for column, what in ((target, "target"), (day, "day")):
        if column is not None and column not in columns:
            raise HoldoutInvalid(f"{shown(where)} has no column '{column}' for the {what}")
    times = [file.written for file in found]
    known = [time for time in times if time is not None]
    return FarHoldout(
        name=name,
        shown=shown(where),
        target=target,
        digest=digest_of_files(digests),
        files=tuple(starts),
        total=total,
        columns=tuple(columns),
        cluster=cluster,
        day=day,
        min_rows=min_rows,
        written=max(known) if len(known) == len(times) else None,
    )


def _look(file: DataFile) -> tuple[str, Sequence[str], int]:
    """Its digest, its columns but an index that pandas wrote, and its rows."""
    if not file.name.endswith(PARQUET):
        raise HoldoutInvalid(f"{file.shown} is not .parquet, which alone is read on Spark")
    with telling(file.shown), file.open() as source:
        digest = hashlib.sha256()
        while block := source.read(_BLOCK):
            digest.update(block)
        source.seek(0)
        parquet: Any = pq.ParquetFile(source)
        schema = parquet.schema_arrow
        index = (schema.pandas_metadata or {}).get("index_columns", [])
        return (
            digest.hexdigest(),
            [each for each in schema.names if each not in index],
            parquet.metadata.num_rows,
        )


def _spark_address(file: DataFile) -> str:
    """Not quoted as a URL, and nothing in it is meant as a pattern of names."""
    whole = Path(file.path).absolute() if file.local else file.store.unstrip_protocol(file.path)
    scheme, _, path = f"file://{whole}".partition("://") if file.local else str(whole).partition("://")
    return f"{_SPARKS.get(scheme, scheme)}://{_PATTERN.sub(_ESCAPED, path)}"
