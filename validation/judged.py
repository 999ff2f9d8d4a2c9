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
from validation.columns import Growing, block, blocks
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
    """So far: the target as figures, and where there were texts that may be classes, as these, too.

    `days` count from 1970 on.
    """

    spool: Spool = field(default_factory=Spool)
    figures: Growing = field(default_factory=lambda: Growing(np.float64))
    texts: list[pd.Series] = field(default_factory=list)
    days: Growing = field(default_factory=lambda: Growing(np.int64))
    judged: int = 0
    read: int = 0


def judged(
    chunks: Iterator[pa.Table], path: str, target: str, *, day: str | None, classes: Classes | None
) -> Judged:
    """The rows of all chunks. Raises HoldoutInvalid, naming `path`."""
    taken = _Taken()
    for chunk in chunks:
        _take(taken, chunk, path, target, day=day, classes=classes)
    values, days = taken.figures.filled(), taken.days.filled()
    spool = taken.spool.closed()
    if taken.texts:
        values, classes = _read(_mixed(values, taken.texts), None, path)
        among = np.isfinite(values)
        if not among.all():
            spool, values = _only(spool, among), values[among]
            days = days[among] if day is not None else days
    numbered = None if day is None else _numbered(days)
    return Judged(Rows(spool), values, classes, numbered, taken.read - spool.rows)


def _mixed(figures: Floats, texts: list[pd.Series]) -> pd.Series:
    """All cells of the target in their order: texts where there were any."""
    if sum(map(len, texts)) == len(figures):
        together: pd.Series = pd.concat(texts)
        return together
    cells = pd.Series(figures, dtype=object, name=texts[0].name)
    for some in texts:
        cells.iloc[some.index] = some.to_numpy(dtype=object)
    return cells


def _numbered(days: Integers) -> Integers:
    """From 0 on, in their order, without gaps."""
    known = np.unique(np.concatenate([np.unique(block(days, rows)) for rows in blocks(len(days))]))
    for rows in blocks(len(days)):
        days[rows] = np.searchsorted(known, block(days, rows))
    return days


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
        taken.days.add(days_of(_column(chunk, day, places)[kept], path))
    inputs = chunk.drop_columns([target])
    taken.spool.add(*(inputs, places) if kept.all() else (inputs.filter(pa.array(kept)), places[kept]))
    if found is not None and classes is None:
        taken.texts.append(cells[kept].set_axis(pd.RangeIndex(taken.judged, taken.judged + int(kept.sum()))))
    taken.figures.add(values[kept])
    taken.judged += int(kept.sum())
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


def days_of(column: pd.Series, path: str) -> Integers:
    """Each row's day in UTC, counted from 1970 on. Raises HoldoutInvalid for a cell that is no time."""
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
    midnights = times.dt.tz_localize(None).to_numpy().astype("datetime64[D]")
    return np.asarray(midnights.astype(np.int64))


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
