"""Whether a model gives a row the same answer again: alone, or among others in another order. Pure.

Found out is who answers by the batch, by the order, or by chance; not who means to deceive and keeps a book.
"""

from typing import Any

import numpy as np

from validation.arrays import Floats, Integers, Table
from validation.columns import block, blocks

SAMPLE = 64
TOLERANCE = 1e-3
"""Of one figure to another, or to the spread of all: sums in another order differ less."""


def samples(rows: int) -> list[Integers]:
    """Some rows by place in another order, and one of them alone; the same for the same number of rows."""
    some = np.random.default_rng(rows).choice(rows, min(rows, SAMPLE), replace=False)
    return [some, some[:1]] if rows > 1 else []


def other(again: Floats | Table, before: Floats | Table, spread: float) -> int | None:
    """The place of the row whose answer differs most from the one given before, if any does."""
    same = np.isclose(again, before, rtol=TOLERANCE, atol=TOLERANCE * spread, equal_nan=True)
    if same.all():
        return None
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.where(same, -1.0, np.nan_to_num(np.abs(again - before), nan=np.inf))
    return int(np.argmax(apart.reshape(len(before), -1).max(axis=1)))


def told(answer: Any) -> str:
    """One row's answer, in words."""
    return ", ".join(f"{figure:.6g}" for figure in np.atleast_1d(answer)[:5])


def spread_of(answers: Floats) -> float:
    """The standard deviation of what is finite; 0 where that has none."""
    count, mean, squares = 0, np.float64(0), np.float64(0)
    with np.errstate(over="ignore", invalid="ignore"):
        for rows in blocks(len(answers)):
            some = block(answers, rows)
            finite = some[np.isfinite(some)]
            if len(finite):
                # As Chan, Golub and LeVeque (1983) add up the squares of two parts about their own means.
                away, share = finite.mean() - mean, len(finite) / (count + len(finite))
                squares += np.square(finite - finite.mean()).sum() + away**2 * count * share
                mean, count = mean + away * share, count + len(finite)
        spread = float(np.sqrt(squares / count)) if count else 0.0
    return spread if np.isfinite(spread) else 0.0
