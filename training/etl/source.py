"""A file of trips, CSV (also gzipped) or Parquet, looked at before any engine reads it: of what shape is it?

Whether a cell makes sense is judged later, row by row, in `training.etl.cleaning`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from training.errors import TripsInvalid
from training.etl.columns import COLUMNS, KEY, NUMBERS, TIME
from training.etl.header import Header, not_a_table, read_head, read_header
from training.etl.shape import Kind, Shape

_PARQUET_MAGIC: Final = b"PAR1"
_OTHERS: Final = {
    b"PK\x03\x04": "is a zip archive or an Excel workbook: unpack it, or save it as CSV",
    b"BZh": "is packed by bzip2: unpack it, or pack it by gzip",
    b"\xfd7zX": "is packed by xz: unpack it, or pack it by gzip",
    b"\x28\xb5\x2f\xfd": "is packed by Zstandard: unpack it, or pack it by gzip",
}
"""How files begin that people bring instead, and what to do with them."""
_LONGEST_NAME: Final = 40
_MOST_NAMES: Final = 20
_NUMERIC: Final = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER",
                   "UBIGINT", "FLOAT", "DOUBLE", "DECIMAL")  # fmt: skip
_FITTING: Final = {
    KEY: {Kind.TEXT, Kind.NUMBER, Kind.MOMENT},
    TIME: {Kind.TEXT, Kind.MOMENT, Kind.NANOSECONDS},
} | {name: {Kind.TEXT, Kind.NUMBER} for name in NUMBERS}


@dataclass(frozen=True)
class Source:
    """A file that an engine can read: `header` is a CSV's, None where the file is Parquet."""

    path: Path
    shape: Shape
    header: Header | None = None


def look(trips: Path) -> Source:
    """What the file is. Raises TripsInvalid where it is not there, empty, no table, or lacks a column."""
    magic = read_head(trips, len(_PARQUET_MAGIC))
    if not magic:
        raise TripsInvalid(
            f"{trips} is empty; expected a CSV or Parquet file with the columns {_listed(COLUMNS)}"
        )
    if other := next((what for begin, what in _OTHERS.items() if magic.startswith(begin)), ""):
        raise TripsInvalid(f"{trips} {other}")
    return _parquet(trips) if magic == _PARQUET_MAGIC else _csv(trips)


def _csv(trips: Path) -> Source:
    header = read_header(trips, COLUMNS)
    _insist_on_columns(trips, header.columns)
    shape = Shape(dict.fromkeys(COLUMNS, Kind.TEXT), decimal_comma=header.delimiter != ",")
    return Source(trips, shape, header)


def _parquet(trips: Path) -> Source:
    try:
        with duckdb.connect() as db:
            found = db.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(trips)]).fetchall()
    except duckdb.Error as error:
        raise not_a_table(trips, str(error).strip().splitlines()[0]) from error
    types = {name: str(kind) for name, kind, *_ in found}
    _insist_on_columns(trips, tuple(types))
    return Source(trips, Shape({name: _kind(trips, name, types[name]) for name in COLUMNS}))


def _kind(trips: Path, name: str, kind: str) -> Kind:
    found = None
    if kind == "VARCHAR":
        found = Kind.TEXT
    elif kind.endswith("]"):  # lists of what would fit
        pass
    elif kind.startswith(("TIMESTAMP", "DATE")):
        found = Kind.NANOSECONDS if kind.endswith("_NS") else Kind.MOMENT
    elif kind.startswith(_NUMERIC):
        found = Kind.NUMBER
    if found is None or found not in _FITTING[name]:
        raise TripsInvalid(f"{trips} holds {kind} in {name}: expected text, or what its name says")
    return found


def _insist_on_columns(trips: Path, found: tuple[str, ...]) -> None:
    missing = [name for name in COLUMNS if name not in found]
    if missing:
        raise TripsInvalid(
            f"{trips} lacks {_listed(missing)} among its columns; found: {_listed(found)}."
            f" Its first line must name the columns as Kaggle's train.csv does: {_listed(COLUMNS)}"
        )


def _listed(names: tuple[str, ...] | list[str]) -> str:
    shown = ", ".join(
        name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…" for name in names[:_MOST_NAMES]
    )
    return shown + (f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else "") or "none"
