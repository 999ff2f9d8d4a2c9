"""The target of a hold-out: figures, or classes by their place among those that are known. Pure.

Where the policy names the classes, these are all there are, in the order in which models give probabilities.
Else texts are classes in the order of their letters, and only an answer in words can be told apart.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from policies.problems import suggest
from validation.arrays import Floats

MOST_CLASSES = 1000
_MARK = b"classes"


class TargetInvalid(Exception):
    """The target cannot be read as what it is said to be; the sentence says what to change."""


@dataclass(frozen=True)
class Classes:
    """The names of the classes in order; `declared` by the policy, with what models answer by them."""

    names: tuple[str, ...]
    declared: bool = False
    answers: Literal["labels", "probabilities"] | None = None

    def place(self, name: str) -> int | None:
        """Where a class stands."""
        return self.names.index(name) if name in self.names else None


def declared(
    names: Sequence[str] | None, answers: Literal["labels", "probabilities"] | None
) -> Classes | None:
    """As a policy says; None where it says nothing."""
    return None if names is None else Classes(tuple(names), declared=True, answers=answers)


def read_target(column: pd.Series, known: Classes | None) -> tuple[Floats, Classes | None]:
    """One figure or class a row, NaN where there is none; and the classes, if the target has them.

    Raises TargetInvalid for a cell that is none of the declared classes, and for times.
    """
    if column.dtype.kind in "Mm":
        raise TargetInvalid(f"the target '{column.name}' holds times, not numbers or classes")
    if known is not None:
        return _places(column, known), known
    if not pd.api.types.is_numeric_dtype(column) and _is_text(column):
        names = sorted({str(cell) for cell in column.dropna()})
        if len(names) > MOST_CLASSES:
            what = f"holds {len(names):,} different texts, which are no classes"
            raise TargetInvalid(f"the target '{column.name}' {what}; is it the right column?")
        classes = Classes(tuple(names))
        return _places(column, classes), classes
    numbers = pd.to_numeric(column, errors="coerce")
    return np.asarray(numbers.to_numpy(dtype=np.float64, na_value=np.nan)), None


def marked(table: pa.Table, classes: Classes | None) -> pa.Table:
    """A table that tells what its answers are of."""
    if classes is None:
        return table
    told = {"names": classes.names, "declared": classes.declared, "answers": classes.answers}
    return table.replace_schema_metadata({_MARK: json.dumps(told)})


def mark_of(table: pa.Table) -> dict[str, Any] | None:
    """What a table's answers are of, as `marked` told it; None for figures."""
    marks = table.schema.metadata or {}
    return json.loads(marks[_MARK]) if _MARK in marks else None


def class_name(value: object) -> str:
    """How a class is called in a policy, a file or an answer: 2, 2.0 and "2" are one."""
    if isinstance(value, (bool, np.bool_)):
        return "1" if value else "0"
    if isinstance(value, (int, float, np.integer, np.floating)):
        number = float(value)
        return str(int(number)) if number.is_integer() else repr(number)
    return str(value)


def _is_text(column: pd.Series) -> bool:
    """Whether there are words in it: a file may hold numbers as text, or numbers and a stray word."""
    given = column.dropna()
    numbers = pd.to_numeric(given, errors="coerce")
    return bool(len(given)) and not pd.api.types.is_bool_dtype(column) and bool(numbers.isna().all())


def _places(column: pd.Series, classes: Classes) -> Floats:
    codes, found = pd.factorize(column, use_na_sentinel=True)
    names = [class_name(each) for each in found]
    for name in names:
        if classes.place(name) is None:
            raise TargetInvalid(
                f"the target '{column.name}' holds '{name[:40]}', which is none of the classes: "
                f"{suggest(name, classes.names)}"
            )
    places: Sequence[float] = [float(classes.names.index(name)) for name in names]
    return np.append(np.array(places, dtype=np.float64), np.nan)[codes]
