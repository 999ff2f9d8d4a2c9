"""A file of trips, CSV (also gzipped) or Parquet, becomes a DuckDB table of text cells, whatever is in them.

Whether a cell makes sense is judged later, in `training.etl`.
"""

import csv
import gzip
import itertools
import re
import zlib
from contextlib import nullcontext
from pathlib import Path
from typing import Final

import duckdb

from training.errors import TripsInvalid
from training.features import COLUMNS

_PARQUET_MAGIC: Final = b"PAR1"
_GZIP_MAGIC: Final = b"\x1f\x8b"
_ZIP_MAGIC: Final = b"PK\x03\x04"
_LONGEST_HEADER: Final = 64 * 1024
_LONGEST_NAME: Final = 40
_MOST_NAMES: Final = 20


def read_cells(db: duckdb.DuckDBPyConnection, trips: Path) -> int:
    """Fill the table `cells` with Kaggle's columns as text, NULL where blank; broken lines come back counted.

    Raises TripsInvalid for a file that is not there, empty, no table, or without one of the columns.
    """
    magic = _head(trips, len(_PARQUET_MAGIC))
    if not magic:
        raise TripsInvalid(
            f"{trips} is empty; expected a CSV or Parquet file with the columns {_listed(COLUMNS)}"
        )
    if magic == _ZIP_MAGIC:
        raise TripsInvalid(f"{trips} is a zip archive or an Excel workbook: unpack it, or save it as CSV")
    try:
        return _read_parquet(db, trips) if magic == _PARQUET_MAGIC else _read_csv(db, trips)
    except duckdb.Error as error:
        raise _not_a_table(trips, str(error).strip().splitlines()[0]) from error


def _read_parquet(db: duckdb.DuckDBPyConnection, trips: Path) -> int:
    found = db.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(trips)]).fetchall()
    _insist_on_columns(trips, [row[0] for row in found])
    _fill(db, "read_parquet(?)", trips)
    return 0


def _read_csv(db: duckdb.DuckDBPyConnection, trips: Path) -> int:
    """Read line by line: a broken line costs itself only.

    Quotes are trimmed off the cells instead of being parsed, for one stray quote would swallow every line
    up to the next one; a quoted comma makes its line a broken one, and no trip needs a comma.
    """
    columns = _header(trips)
    _insist_on_columns(trips, columns)
    wanted = "{" + ", ".join(f"{_quoted(name)}: 'VARCHAR'" for name in columns) + "}"
    source = (
        f"read_csv(?, columns = {wanted}, auto_detect = false, header = true, delim = ',', quote = '',"
        f" escape = '', compression = '{_compression(trips)}', ignore_errors = true, store_rejects = true)"
    )
    _fill(db, source, trips)
    counted = db.execute("SELECT count(DISTINCT line) FROM reject_errors").fetchone()
    return int(counted[0]) if counted else 0


def _fill(db: duckdb.DuckDBPyConnection, source: str, trips: Path) -> None:
    cells = ", ".join(f"""nullif(trim(CAST("{name}" AS VARCHAR), ' "'), '') AS {name}""" for name in COLUMNS)
    db.execute(f"CREATE TEMP TABLE cells AS SELECT {cells} FROM {source}", [str(trips)])  # noqa: S608 own names only


def _header(trips: Path) -> list[str]:
    """Name the columns; unnamed and repeated ones get a name of their own, so that they can be skipped."""
    line = re.split(rb"[\r\n]", _head(trips, _LONGEST_HEADER), maxsplit=1)[0]
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_a_table(trips, "its first line is not text") from error
    if "\0" in text:
        raise _not_a_table(trips, "its first line is not text")
    names = [name.strip() for name in next(csv.reader([text]), [])]
    return [
        name if name and name not in names[:position] else f"unnamed {position}"
        for position, name in zip(itertools.count(), names, strict=False)
    ]


def _head(trips: Path, size: int) -> bytes:
    """The first bytes, unpacked."""
    try:
        with trips.open("rb") as file:
            packed = file.peek(len(_GZIP_MAGIC)).startswith(_GZIP_MAGIC)
            with gzip.open(file) if packed else nullcontext(file) as unpacked:
                return unpacked.read(size)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _not_a_table(trips, f"it is a damaged gzip file ({error})") from error
    except OSError as error:
        raise TripsInvalid(f"cannot read {trips}: {error.strerror}") from error


def _compression(trips: Path) -> str:
    with trips.open("rb") as file:
        return "gzip" if file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC else "none"


def _insist_on_columns(trips: Path, found: list[str]) -> None:
    missing = [name for name in COLUMNS if name not in found]
    if missing:
        raise TripsInvalid(
            f"{trips} lacks {_listed(missing)} among its columns; found: {_listed(found)}."
            f" Its first line must name the columns as Kaggle's train.csv does: {_listed(COLUMNS)}"
        )


def _not_a_table(trips: Path, why: str) -> TripsInvalid:
    return TripsInvalid(f"{trips} is neither a CSV nor a Parquet file of trips: {why}")


def _listed(names: tuple[str, ...] | list[str]) -> str:
    shown = ", ".join(
        name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…" for name in names[:_MOST_NAMES]
    )
    return shown + (f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else "") or "none"


def _quoted(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"
