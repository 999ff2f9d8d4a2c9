"""One column moved upwards in three steps, and which way the predictions went, row by row.

A step is a share of the column's interquartile range. No value is moved beyond the largest one in the data
set: nobody has seen what lies there. Rows already at the top cannot be moved, and are not counted.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd

from policies.evidence.monotony import Monotony, MonotonyNeed
from validation.arrays import Floats, Integers
from validation.holdout import Holdout
from validation.measuring.columns import numeric, taken
from validation.measuring.scores import Scores, Unmeasured
from validation.rows import Rows

STEPS: Final = (0.1, 0.5, 1.0)
"""Of the interquartile range: within a neighbourhood, and across the bulk of the data."""
MOST_ROWS: Final = 10_000
"""More rows are thinned evenly: a share of so many is known to one in a hundred, and scoring costs time."""
STILL: Final = 1e-5
"""Of a prediction: less is the rounding of float32, which differs between batches of another size."""


def tables(need: MonotonyNeed, holdout: Holdout) -> Mapping[str, Rows]:
    """The rows as they are, and after each step."""
    try:
        numeric(need.column, holdout.inputs)
    except Unmeasured:
        return {}  # told when the finding is asked for
    rows = holdout.inputs.take(_thinned(holdout.rows))
    moved = (rows.assign(**{need.column: values}) for values in _moved(rows[need.column]))
    return {_table(need, step): Rows.of(frame) for step, frame in enumerate((rows, *moved))}


def monotony(need: MonotonyNeed, scores: Scores) -> Monotony:
    """Rows counted by the way their predictions went; a move within rounding is none."""
    inputs = scores.holdout(need.dataset).inputs
    taken(need.column, scores)
    column = numeric(need.column, inputs).iloc[_thinned(len(inputs))]
    could = (_moved(column)[-1] > column).to_numpy(dtype=np.bool_, na_value=False)
    if not could.any():
        raise Unmeasured(f"no value of '{need.column}' can be moved upwards: all are equal, or empty")
    answers = [scores.figures(_table(need, step))[could] for step in range(len(STEPS) + 1)]
    ways = np.array([_way(before, after) for before, after in pairwise(answers)])
    return Monotony(
        rows=int(could.sum()),
        never_fell=int((ways >= 0).all(axis=0).sum()),
        never_rose=int((ways <= 0).all(axis=0).sum()),
        moved=int((ways != 0).any(axis=0).sum()),
    )


def _table(need: MonotonyNeed, step: int) -> str:
    return f"{need.key}, step {step}"


def _thinned(rows: int) -> Integers:
    """The numbers of the rows that are looked at."""
    return np.linspace(0, rows - 1, min(rows, MOST_ROWS)).astype(np.int64)


def _moved(column: pd.Series) -> list[pd.Series]:
    """The column after each step; whole numbers stay whole, and move by one at least."""
    low, high = column.quantile(0.25), column.quantile(0.75)
    spread = float(high - low) or float(column.std(ddof=0))
    whole = pd.api.types.is_integer_dtype(column)
    if isinstance(column.dtype, np.dtype) and whole:
        column = column.astype(np.int64)  # a step may not fit into fewer bits
    lengths = [max(1, round(step * spread)) if whole else step * spread for step in STEPS]
    return [(column + length).clip(upper=column.max()) for length in lengths]


def _way(before: Floats, after: Floats) -> Floats:
    """-1, 0 or +1 for each row."""
    change = after - before
    return np.where(np.abs(change) <= STILL * np.maximum(np.abs(before), np.abs(after)), 0.0, np.sign(change))
