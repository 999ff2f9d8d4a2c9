"""The rows that can be judged, taken chunk by chunk: those whose target is a number or a class.

Whether a text is a class shows only when all were seen: numbers may stand there as texts. So texts are kept
as they came, and read once more at the end.
"""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from validation.addresses import HoldoutInvalid
from validation.arrays import Floats, Integers
from validation.rows import Rows
from validation.spool import Spool
from validation.targets import Classes, TargetInvalid, read_target

Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Judged:
    """Inputs and target, row by row; `days` numbers each row's day, `dropped` counts the rows left out."""

    inputs: Rows
    target: Floats
    classes: Classes | None
    days: Integers | None
    dropped: int


@dataclass(eq=False)
class _Taken:
    """So far: `cells` of the target, as figures or as texts that may be classes; `days` at midnight."""

    spool: Spool = field(default_factory=Spool)
    cells: list[pd.Series] = field(default_factory=list)
    days: list[NDArray[np.datetime64]] = field(default_factory=list)
    read: int = 0


def judged(
    chunks: Iterator[pa.Table], path: str, target: str, *, day: str | None, classes: Classes | None
) -> Judged:
    """The rows of all chunks. Raises HoldoutInvalid, naming `path`."""
    taken = _Taken()
    for chunk in chunks:
        _take(taken, chunk, path, target, day=day, classes=classes)
    cells = pd.concat(taken.cells)
    if classes is None:
        values, classes = _read(cells, None, path)
    else:
        values = cells.to_numpy(dtype=np.float64)
    days = np.concatenate(taken.days) if day is not None else None
    spool, among = taken.spool.closed(), np.isfinite(values)
    if not among.all():
        spool, values, days = _only(spool, among), values[among], None if days is None else days[among]
    numbered = None if days is None else np.unique(days, return_inverse=True)[1]
    return Judged(Rows(spool), values, classes, numbered, taken.read - spool.rows)


def _take(
    taken: _Taken, chunk: pa.Table, path: str, target: str, *, day: str | None, classes: Classes | None
) -> None:
    _must_have(chunk.column_names, path, target, "target")
    places = pd.RangeIndex(taken.read, taken.read + len(chunk))
    cells = _column(chunk, target, places)
    values, found = _read(cells, classes, path)
    kept = np.isfinite(values)
    if day is not None:
        _must_have(chunk.column_names, path, day, "day")
        taken.days.append(_days(_column(chunk, day, places)[kept], path))
    inputs = chunk.drop_columns([target])
    taken.spool.add(*(inputs, places) if kept.all() else (inputs.filter(pa.array(kept)), places[kept]))
    unclear = found is not None and classes is None
    taken.cells.append(cells[kept] if unclear else pd.Series(values[kept], name=target))
    taken.read += len(chunk)


def _only(spool: Spool, among: Bools) -> Spool:
    """Some of the rows: what was a class in one chunk is a stray word where the others hold numbers."""
    kept, start = Spool(), 0
    for batch, places in zip(spool.batches(), spool.places, strict=True):
        here = among[start : start + len(places)]
        kept.add(pa.Table.from_batches([batch]).filter(pa.array(here)), places[here])
        start += len(places)
    return kept.closed()


def _read(cells: pd.Series, classes: Classes | None, path: str) -> tuple[Floats, Classes | None]:
    try:
        return read_target(cells, classes)
    except TargetInvalid as invalid:
        raise HoldoutInvalid(f"{path}: {invalid}") from invalid


def _column(chunk: pa.Table, name: str, places: pd.Index) -> pd.Series:
    column: pd.Series = chunk.select([name]).to_pandas()[name]
    return column.set_axis(places)


def times_of(column: pd.Series) -> pd.Series:
    """A column's cells as times in UTC; NaT where a cell is none by ISO 8601, with or without " UTC"."""
    texts = column.str.removesuffix(" UTC") if pd.api.types.is_string_dtype(column) else column
    return pd.to_datetime(texts, errors="coerce", utc=True, format="ISO8601")


def _days(column: pd.Series, path: str) -> NDArray[np.datetime64]:
    """Each row's day in UTC. Raises HoldoutInvalid for a cell that is no time."""
    if pd.api.types.is_numeric_dtype(column):
        raise HoldoutInvalid(f"the day '{column.name}' of {path} holds numbers, not times")
    times = times_of(column)
    bad = times.isna().to_numpy()
    if bad.any():
        row = int(np.argmax(bad))
        raise HoldoutInvalid(
            f"the day '{column.name}' of {path}, row {int(column.index[row]) + 1:,}: "
            f"'{str(column.iloc[row])[:40]}' is not an ISO 8601 time"
        )
    return np.asarray(times.dt.tz_localize(None).dt.floor("D").to_numpy())


def _must_have(names: Sequence[str], path: str, column: str, what: str) -> None:
    if column not in names:
        raise HoldoutInvalid(
            f"{path} has no column '{column}' for the {what}{_closest(column, names)}; "
            f"its columns are {_listed(names)}"
        )


def _closest(name: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, names, n=1)
    return f" (did you mean '{near[0]}'?)" if near else ""


def _listed(names: Sequence[str], most: int = 20) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
