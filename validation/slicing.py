"""Cuts a hold-out into the slices that a policy declares. Pure.

A condition is asked once for each combination of values that its columns really have: it means exactly what
CEL says, at the price of the different rows only.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from policies.expressions.condition import Condition, ConditionFailed, of_any
from policies.problems import suggest
from policies.slices import MAX_PARTS, Bins, ByValue, Slice, Where
from validation.rows import Rows

Mask = npt.NDArray[np.bool_]


class SlicesUnfit(Exception):
    """A slice cannot be cut from this data; the sentence says why."""


class Sliced(Protocol):
    """What can be cut: a hold-out, or a block of its rows."""

    @property
    def name(self) -> str:
        """The data set's."""

    @property
    def rows(self) -> int:
        """How many there are."""

    @property
    def inputs(self) -> Rows | pd.DataFrame:
        """Their columns."""


@dataclass(frozen=True, eq=False)
class Cut:
    """The rows of one part of a slice."""

    name: str
    slice: str
    rows: Mask


def cut(holdout: Sliced, slices: Mapping[str, Slice]) -> list[Cut]:
    """Every part of every slice. Raises SlicesUnfit, naming the slice."""
    cuts = []
    for name, declared in slices.items():
        try:
            cuts += [Cut(part, name, rows) for part, rows in _parts(holdout, name, declared)]
        except SlicesUnfit as unfit:
            raise SlicesUnfit(f"the slice '{name}' of '{holdout.name}' cannot be cut: {unfit}") from unfit
    return cuts


def columns_of(slices: Mapping[str, Slice]) -> frozenset[str]:
    """The columns that they are cut by."""
    found: set[str] = set()
    for each in slices.values():
        if isinstance(each, Where):
            found |= {name.written for name in of_any(each.where).names}
        if isinstance(each, (Bins, ByValue)):
            found.add(each.by)
    return frozenset(found)


def _parts(holdout: Sliced, name: str, declared: Slice) -> Iterator[tuple[str, Mask]]:
    match declared:
        case Where():
            yield name, where(holdout, declared.where)
        case Bins():
            yield from _bins(_column(holdout, declared.by), name, declared)
        case ByValue():
            yield from _values(_column(holdout, declared.by), name)
        case _:
            raise SlicesUnfit(f"nobody knows how to cut '{declared.written}'")


def where(holdout: Sliced, text: str) -> Mask:
    """The rows of which a condition holds. Raises SlicesUnfit if it has no answer for some row."""
    condition = of_any(text)
    names = [name.written for name in condition.names]
    if not names:
        raise SlicesUnfit(f"'{text}' names no column")
    frame = pd.DataFrame({name: _column(holdout, name) for name in names})
    grouped = frame.groupby(names, sort=False, dropna=False)
    of_row = grouped.ngroup().to_numpy()
    first = np.unique(of_row, return_index=True)[1]
    values = [_plain(frame[name].iloc[first]) for name in names]
    rows = zip(*values, strict=True)
    answers = [_asked(condition, dict(zip(names, row, strict=True))) for row in rows]
    return np.asarray(answers, dtype=np.bool_)[of_row] if answers else np.zeros(holdout.rows, np.bool_)


def _asked(condition: Condition, values: Mapping[str, Any]) -> bool:
    try:
        return condition.holds(values)
    except ConditionFailed as failed:
        told = ", ".join(f"{name} is {_shown(value)}" for name, value in values.items())
        hint = next((name for name, value in values.items() if value is None), None)
        advice = f"; write {hint} != null && ... first" if hint else ""
        raise SlicesUnfit(f"'{condition.text}' has no answer where {told}: {failed}{advice}") from failed


def _column(holdout: Sliced, name: str) -> "pd.Series[Any]":
    if name not in holdout.inputs.columns:
        known = [str(column) for column in holdout.inputs.columns]
        raise SlicesUnfit(f"there is no column '{name}', {suggest(name, known)}")
    return holdout.inputs[name]


def _plain(column: "pd.Series[Any]") -> list[Any]:
    """Python's own values: numbers as decimals, nothing as None."""
    if column.dtype.kind in "Mm":
        raise SlicesUnfit(f"the column '{column.name}' holds times, which no condition compares")
    missing = column.isna().to_numpy()
    values = column.to_numpy(dtype=object)
    return [
        None if gone else float(value) if _is_number(value) else value
        for value, gone in zip(values, missing, strict=True)
    ]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def _shown(value: Any) -> str:
    return "missing" if value is None else repr(value)[:60]


def _values(column: "pd.Series[Any]", name: str) -> Iterator[tuple[str, Mask]]:
    """In the order of the values; rows without one are a part, too."""
    codes, found = pd.factorize(column, sort=False, use_na_sentinel=True)
    if len(found) > MAX_PARTS:
        what = f"'{column.name}' has {len(found):,} different values, at most {MAX_PARTS} can be slices"
        raise SlicesUnfit(f"{what}; write bins or a condition")
    yield from sorted((f"{name} {_value(value)}", codes == code) for code, value in enumerate(found))
    if (codes < 0).any():
        yield f"{name} missing", codes < 0


def _value(value: Any) -> str:
    return f"{float(value):g}" if _is_number(value) else str(value)


def _bins(column: "pd.Series[Any]", name: str, declared: Bins) -> Iterator[tuple[str, Mask]]:
    """Each bin, and what lies in none of them, so that no row goes unjudged."""
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=math.nan)
    inside = np.zeros(len(values), dtype=np.bool_)
    for part, (low, high) in zip(declared.parts(name), pairwise(declared.bins), strict=True):
        # The last bin may end in infinity, and then has it.
        rows = (values >= low) & ((values < high) | (math.isinf(high) & (values == high)))
        inside |= rows
        yield part, rows
    if not inside.all():
        yield f"{name} elsewhere", ~inside
