"""Whether a model answers a row alike whatever stands beside it: among others, in another order, alone. Pure.

A metric says nothing of a model that answers otherwise tomorrow, or when it is asked one row at a time. So
some rows of each data set are asked again, before the whole of it, and what is said of them must be the same.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from validation.arrays import Floats

TOGETHER: Final = 200
"""Rows that are asked in another order, away from the others."""
ALONE: Final = 3
TOLERANCE: Final = 1e-3
"""Of one figure to another, or to the spread of all: sums in another order differ less."""


@dataclass(frozen=True, eq=False)
class Again:
    """A table of rows that are asked again: its name, how they stand there, and their places in the whole."""

    table: str
    how: str
    places: NDArray[np.int64]


def asked_again(dataset: str, rows: int) -> list[Again]:
    """What is asked beside a data set of so many rows, drawn alike every time."""
    drawn = np.random.default_rng(rows).permutation(rows)[:TOGETHER].astype(np.int64)
    others = Again(f"{dataset} in another order", "in another order", drawn)
    alone = [Again(f"{dataset}, row {each + 1} alone", "alone", np.array([each])) for each in drawn[:ALONE]]
    return [others, *alone]


def unlike(once: Floats, again: Floats, spread: float) -> int | None:
    """The place of the first row that was answered otherwise; None if there is none."""
    near = np.isclose(again, once, rtol=TOLERANCE, atol=TOLERANCE * spread, equal_nan=True)
    rows = near.reshape(len(once), -1).all(axis=1)
    return None if rows.all() else int(np.argmin(rows))


def spread_of(answers: Floats) -> float:
    """The standard deviation of those that are finite."""
    finite = answers[np.isfinite(answers)]
    return float(np.std(finite)) if len(finite) else 0.0


def told(answer: NDArray[np.float64]) -> str:
    """One row's answer, in words."""
    return ", ".join(f"{figure:.6g}" for figure in np.atleast_1d(answer)[:5])
