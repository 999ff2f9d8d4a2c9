"""Reads a hold-out: rows with a known target that no model was trained on.

Where they lie and how their files are parsed is `validation.reading`'s. Which rows can be judged is decided
here; what a model is fed of them, in `validation.inputs`.
"""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from os import PathLike, fspath

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from validation.addresses import HoldoutInvalid, shown
from validation.arrays import Floats, Integers
from validation.reading import read
from validation.rows import Rows
from validation.spool import Spool


@dataclass(frozen=True, eq=False)
class Holdout:
    """Rows to be judged: `inputs` and `target` match row by row.

    The index of `inputs` is the row's place in the file, or among all rows of a folder, from 0. `digest` is
    the SHA-256 of exactly what was read (`validation.reading`), `dropped` counts rows left out because their
    target is not a finite number. `days` numbers the day of each row in UTC, where the data is said to have a
    column of times. `written` is when a file of it last changed; None where nobody tells.
    """

    name: str
    inputs: Rows
    target: Floats
    digest: str
    dropped: int = 0
    days: Integers | None = None
    target_name: str = "target"
    written: datetime | None = None

    @property
    def rows(self) -> int:
        """How many rows are judged."""
        return len(self.target)


def read_holdout(
    address: str | PathLike[str], *, name: str, target: str, min_rows: int = 1, day: str | None = None
) -> Holdout:
    """Read .csv, .csv.gz or .parquet, or a folder of them. Raises HoldoutInvalid.

    Fewer than `min_rows` that can be judged are invalid, too. `day` names the column of times by whose days
    the rows are taken together.
    """
    where = fspath(address)
    path = shown(where)
    found = read(where, lambda chunks: _judged(chunks, path, target, day))
    taken = found.taken
    holdout = Holdout(
        name=name,
        inputs=Rows(taken.spool.closed()),
        target=np.concatenate(taken.target),
        digest=found.digest,
        dropped=taken.read - taken.spool.rows,
        days=None if day is None else np.unique(np.concatenate(taken.days), return_inverse=True)[1],
        target_name=target,
        written=found.written,
    )
    _check_size(holdout, path, target, min_rows)
    return holdout


@dataclass(eq=False)
class _Judged:
    """The rows that can be judged, of all that were `read` so far; `days` are times at midnight."""

    spool: Spool = field(default_factory=Spool)
    target: list[Floats] = field(default_factory=list)
    days: list[NDArray[np.datetime64]] = field(default_factory=list)
    read: int = 0


def _judged(chunks: Iterator[pa.Table], path: str, target: str, day: str | None) -> _Judged:
    taken = _Judged()
    for chunk in chunks:
        _must_have(chunk.column_names, path, target, "target")
        places = pd.RangeIndex(taken.read, taken.read + len(chunk))
        values = _numbers(_column(chunk, target, places), path)
        judged = np.isfinite(values)
        if day is not None:
            _must_have(chunk.column_names, path, day, "day")
            taken.days.append(_days(_column(chunk, day, places)[judged], path))
        inputs = chunk.drop_columns([target])
        whole = bool(judged.all())
        taken.spool.add(*(inputs, places) if whole else (inputs.filter(pa.array(judged)), places[judged]))
        taken.target.append(values[judged])
        taken.read += len(chunk)
    return taken


def _column(chunk: pa.Table, name: str, places: pd.Index) -> pd.Series:
    column: pd.Series = chunk.select([name]).to_pandas()[name]
    return column.set_axis(places)


def _must_have(names: Sequence[str], path: str, column: str, what: str) -> None:
    if column not in names:
        raise HoldoutInvalid(
            f"{path} has no column '{column}' for the {what}{_closest(column, names)}; "
            f"its columns are {_listed(names)}"
        )


def _numbers(column: pd.Series, path: str) -> Floats:
    """The target as float64, NaN where a cell is no number."""
    if column.dtype.kind in "Mm":
        raise HoldoutInvalid(f"the target '{column.name}' of {path} holds times, not numbers")
    numbers = pd.to_numeric(column, errors="coerce")
    return np.asarray(numbers.to_numpy(dtype=np.float64, na_value=np.nan))


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


def _check_size(holdout: Holdout, path: str, target: str, min_rows: int) -> None:
    total = holdout.rows + holdout.dropped
    if total == 0:
        raise HoldoutInvalid(f"{path} has a header and no rows")
    if holdout.rows == 0:
        raise HoldoutInvalid(f"none of the {total:,} rows of {path} has a number in '{target}'")
    if holdout.rows < min_rows:
        without = f" ({holdout.dropped:,} without a number in '{target}' left out)" if holdout.dropped else ""
        raise HoldoutInvalid(f"{path} has {holdout.rows:,} rows to judge{without}, {min_rows:,} are needed")


def _closest(name: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, names, n=1)
    return f" (did you mean '{near[0]}'?)" if near else ""


def _listed(names: Sequence[str], most: int = 20) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
