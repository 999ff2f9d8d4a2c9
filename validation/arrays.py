"""The array types that cross this room, and sums over groups of rows."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
"""Shape (rows,)."""

Integers = NDArray[np.int64]
"""Shape (rows,): group numbers from 0 on."""

Table = NDArray[np.float64]
"""Two dimensions; which is said where it is used."""


def summed(rows: Floats, groups: Integers, count: int) -> Floats:
    """The sum of each of `count` groups."""
    return np.bincount(groups, weights=rows, minlength=count).astype(np.float64)
