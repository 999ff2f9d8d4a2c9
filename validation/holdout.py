"""Reads a hold-out: rows with a known target that no model was trained on.

Where they lie and how their files are parsed is `validation.reading`'s. Which rows can be judged is decided
here; what a model is fed of them, in `validation.inputs`.
"""

import difflib
from dataclasses import dataclass
from datetime import datetime
from os import PathLike, fspath

import numpy as np
import pandas as pd

from validation.addresses import HoldoutInvalid, shown
from validation.arrays import Floats, Integers
from validation.reading import read
from validation.targets import Classes, TargetInvalid, read_target


@dataclass(frozen=True, eq=False)
class Holdout:
    """Rows to be judged: `inputs` and `target` match row by row.

    The index of `inputs` is the row's place in the file, or among all rows of a folder, from 0. `digest` is
    the SHA-256 of exactly what was read (`validation.reading`), `dropped` counts rows left out because their
    target is not a finite number. `days` numbers the day of each row in UTC, where the data is said to have a
    column of times. `written` is when a file of it last changed; None where nobody tells.
    """

    name: str
    inputs: pd.DataFrame
    target: Floats
    digest: str
    dropped: int = 0
    days: Integers | None = None
    target_name: str = "target"
    classes: Classes | None = None
    """What `target` numbers, where it is of classes that are named."""
    written: datetime | None = None

    @property
    def rows(self) -> int:
        """How many rows are judged."""
        return len(self.target)


def read_holdout(
    address: str | PathLike[str],
    *,
    name: str,
    target: str,
    min_rows: int = 1,
    day: str | None = None,
    classes: Classes | None = None,
) -> Holdout:
    """Read .csv, .csv.gz or .parquet, or a folder of them. Raises HoldoutInvalid.

    Fewer than `min_rows` that can be judged are invalid, too. `day` names the column of times by whose days
    the rows are taken together; `classes` are those that the target may be of, where the policy says so.
    """
    where = fspath(address)
    found, path = read(where), shown(where)
    frame = found.frame
    _must_have(frame, path, target, "target")
    if day is not None:
        _must_have(frame, path, day, "day")
    try:
        values, classes = read_target(frame[target], classes)
    except TargetInvalid as invalid:
        raise HoldoutInvalid(f"{path}: {invalid}") from invalid
    judged = np.isfinite(values)
    holdout = Holdout(
        name=name,
        inputs=frame.drop(columns=target)[judged],
        target=values[judged],
        digest=found.digest,
        dropped=int((~judged).sum()),
        days=None if day is None else _days(frame[day][judged], path),
        target_name=target,
        classes=classes,
        written=found.written,
    )
    _check_size(holdout, path, target, min_rows)
    return holdout


def _must_have(frame: pd.DataFrame, path: str, column: str, what: str) -> None:
    if column not in frame.columns:
        raise HoldoutInvalid(
            f"{path} has no column '{column}' for the {what}{_closest(column, frame)}; "
            f"its columns are {_listed(frame)}"
        )


def times_of(column: pd.Series) -> pd.Series:
    """A column's cells as times in UTC; NaT where a cell is none by ISO 8601, with or without " UTC"."""
    texts = column.str.removesuffix(" UTC") if pd.api.types.is_string_dtype(column) else column
    return pd.to_datetime(texts, errors="coerce", utc=True, format="ISO8601")


def _days(column: pd.Series, path: str) -> Integers:
    """Each row's day in UTC, numbered from 0. Raises HoldoutInvalid for a cell that is no time."""
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
    return np.unique(times.dt.floor("D").to_numpy(), return_inverse=True)[1].astype(np.int64)


def _check_size(holdout: Holdout, path: str, target: str, min_rows: int) -> None:
    total = holdout.rows + holdout.dropped
    if total == 0:
        raise HoldoutInvalid(f"{path} has a header and no rows")
    if holdout.rows == 0:
        raise HoldoutInvalid(f"none of the {total:,} rows of {path} has a number or class in '{target}'")
    if holdout.rows < min_rows:
        without = (
            f" ({holdout.dropped:,} without a number or class in '{target}' left out)"
            if holdout.dropped
            else ""
        )
        raise HoldoutInvalid(f"{path} has {holdout.rows:,} rows to judge{without}, {min_rows:,} are needed")


def _closest(name: str, frame: pd.DataFrame) -> str:
    near = difflib.get_close_matches(name, map(str, frame.columns), n=1)
    return f" (did you mean '{near[0]}'?)" if near else ""


def _listed(frame: pd.DataFrame, most: int = 20) -> str:
    names = [str(name) for name in frame.columns]
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
