"""Casts one column of a hold-out to one type of a signature, refusing what MLflow serving would refuse.

Pure. MLflow's column types and NumPy's tensor types meet here in one table.
"""

from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

_MLFLOW_NUMBERS = {"integer": "int32", "long": "int64", "float": "float32", "double": "float64"}


class InputsInvalid(Exception):
    """The model cannot be fed from this hold-out; `fault` says which of the two is to be changed."""

    def __init__(self, reason: str, fault: Literal["candidate", "surroundings"] = "candidate") -> None:
        super().__init__(reason)
        self.fault = fault


def cast(column: pd.Series, kind: str) -> pa.Array:
    """One column as the signature's type `kind`. Raises InputsInvalid with the first bad row."""
    if kind in {"string", "str", "object"}:
        return _texts(column)
    if kind == "binary":
        return _bytes(column)
    if kind in {"boolean", "bool"}:
        return pa.array(_booleans(column))
    if kind == "datetime" or kind.startswith("datetime64"):
        return pa.array(_times(column))
    dtype = _number_type(column, kind)
    return pa.array(_integers(column, dtype) if dtype.kind in "iu" else _floats(column, dtype))


def _number_type(column: pd.Series, kind: str) -> np.dtype[np.generic]:
    try:
        dtype = np.dtype(_MLFLOW_NUMBERS.get(kind, kind))
    except TypeError:
        dtype = np.dtype(object)
    if dtype.kind not in "iuf":
        raise InputsInvalid(
            f"the signature gives column '{column.name}' the type {kind}, which cannot be fed yet"
        )
    return dtype


def _floats(column: pd.Series, dtype: np.dtype[np.generic]) -> NDArray[np.generic]:
    values = _numbers(column).to_numpy(dtype=np.float64, na_value=np.nan)
    with np.errstate(over="ignore"):
        small = values.astype(dtype)
    _refuse(column, np.isinf(small) & np.isfinite(values), f"is too large for the signature's {dtype}")
    return small


def _integers(column: pd.Series, dtype: np.dtype[np.generic]) -> NDArray[np.generic]:
    values = _numbers(column)
    empty = values.isna().to_numpy()
    if empty.any():
        raise InputsInvalid(
            f"column '{column.name}', {_place(column, empty)}: the cell is empty, and the signature says "
            f"{dtype}, which has no empty value: log the signature with a float type"
        )
    if values.dtype.kind == "f":
        _refuse(column, (values % 1 != 0).to_numpy(), f"is not whole, and the signature says {dtype}")
    bounds = np.iinfo(dtype.name)
    low, high = bounds.min, bounds.max
    _refuse(column, ((values < low) | (values > high)).to_numpy(), f"does not fit the signature's {dtype}")
    return np.asarray(values.to_numpy().astype(dtype))


def _numbers(column: pd.Series) -> pd.Series:
    """NaN stays; a cell that holds something else than a number is refused: the hold-out is at fault."""
    if column.dtype.kind in "Mm":
        raise InputsInvalid(f"column '{column.name}' holds times, the signature says numbers", "surroundings")
    values = pd.to_numeric(column, errors="coerce")
    bad = (values.isna() & column.notna()).to_numpy()
    _refuse(column, bad, "is not a number", "surroundings")
    return values


def _booleans(column: pd.Series) -> NDArray[np.bool_]:
    known = column.isin([True, False])  # 1 and 0 count, as in JSON sent to MLflow serving
    _refuse(column, ~known.to_numpy(), "is neither true nor false", "surroundings")
    return np.asarray(column.to_numpy(dtype=np.bool_))


def _times(column: pd.Series) -> pd.Series:
    """Naive UTC: MLflow takes no time zones."""
    if pd.api.types.is_numeric_dtype(column):
        raise InputsInvalid(
            f"column '{column.name}' holds numbers, the signature says datetime", "surroundings"
        )
    times = pd.to_datetime(column, errors="coerce", utc=True, format="ISO8601")
    _refuse(column, (times.isna() & column.notna()).to_numpy(), "is not an ISO 8601 time", "surroundings")
    return times.dt.tz_localize(None).astype("datetime64[ns]")


def _texts(column: pd.Series) -> pa.Array:
    wrong = column.notna() & ~column.map(lambda cell: isinstance(cell, str))
    _refuse(
        column,
        wrong.to_numpy(dtype=np.bool_),
        "is not text, and the signature says string: keep the hold-out as Parquet, where text stays text",
        "surroundings",
    )
    return pa.array(column, type=pa.string(), from_pandas=True)


def _bytes(column: pd.Series) -> pa.Array:
    wrong = column.notna() & ~column.map(lambda cell: isinstance(cell, bytes))
    _refuse(
        column, wrong.to_numpy(dtype=np.bool_), "is not bytes, and the signature says binary", "surroundings"
    )
    return pa.array(column, type=pa.binary(), from_pandas=True)


def _refuse(
    column: pd.Series,
    bad: NDArray[np.bool_],
    why: str,
    fault: Literal["candidate", "surroundings"] = "candidate",
) -> None:
    if bad.any():
        cell = str(column.iloc[int(np.argmax(bad))])[:40]
        raise InputsInvalid(f"column '{column.name}', {_place(column, bad)}: '{cell}' {why}", fault)


def _place(column: pd.Series, bad: NDArray[np.bool_]) -> str:
    """Rows are counted as in the file, from 1, the header left out."""
    return f"row {int(column.index[int(np.argmax(bad))]) + 1:,}"
