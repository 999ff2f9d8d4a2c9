"""Columns that a need names: whether the data set has them, and whether the model takes them."""

import difflib

import pandas as pd

from validation.measuring.scores import Scores, Unmeasured
from validation.rows import Rows


def present(name: str, inputs: Rows) -> pd.Series:
    """The column of the data set. Raises Unmeasured, naming the nearest."""
    if name not in inputs:
        near = difflib.get_close_matches(name, map(str, inputs.columns), n=1)
        hint = f" (did you mean '{near[0]}'?)" if near else ""
        raise Unmeasured(f"the data set has no column '{name}'{hint}")
    return inputs[name]


def numeric(name: str, inputs: Rows) -> pd.Series:
    """The column of the data set, if it holds numbers. Raises Unmeasured."""
    column = present(name, inputs)
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        raise Unmeasured(f"the column '{name}' holds {column.dtype}, and numbers are needed")
    return column


def taken(name: str, scores: Scores) -> None:
    """Raises Unmeasured if the model says that it takes no such column: moving it would show nothing."""
    if scores.takes and name not in scores.takes:
        known = ", ".join(sorted(scores.takes)[:20])
        raise Unmeasured(f"the candidate does not take '{name}'; its signature names {known}")
