"""Rows like the taxi example's, drawn here: 14 float32 columns and a fare; and their 20 slices."""

from typing import Final

import numpy as np
import pandas as pd

from policies.slices import Bins, ByValue, Slice

TARGET: Final = "fare"
SLICES: Final[dict[str, Slice]] = {
    "weekday": ByValue(by="dayofweek"),
    "year": ByValue(by="year"),
    "hours": Bins(by="hour", bins=(0, 4, 8, 12, 16, 20, 24)),
}
"""7 + 7 + 6 parts."""
_WHOLE: Final = {
    "hour": (0, 24), "year": (2009, 2016), "month": (1, 13), "dayofmonth": (1, 29), "dayofweek": (0, 7),
    "late_night": (0, 2), "night": (0, 2), "passenger_count": (1, 7),
}  # fmt: skip
_REAL: Final = ("latdiff", "londiff", "euclidean", "manhattan", "ploc", "dloc")


def trips(rows: int, seed: int = 0) -> pd.DataFrame:
    """So many rows, the target last."""
    draw = np.random.default_rng(seed)
    columns = {name: draw.integers(*ends, rows) for name, ends in _WHOLE.items()}
    columns |= {name: draw.normal(size=rows) for name in _REAL}
    return pd.DataFrame(columns | {TARGET: draw.lognormal(2, 0.6, rows)}).astype(np.float32)
