"""How old a data set is, and whether that is too old to be judged on. The clock comes in from outside."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pandas as pd

from policies.figures import span
from validation.holdout import Holdout, HoldoutInvalid

CLOCKS_APART: Final = timedelta(days=1)
"""What lies further in the future than clocks and time zones differ is a slip, and must not look fresh."""


def must_be_fresh(latest: datetime, max_age: timedelta, now: datetime) -> None:
    """Raises HoldoutInvalid if the data set is older than allowed, or of a time yet to come."""
    age = now - latest
    at = f"{latest:%Y-%m-%d %H:%M} UTC"
    if age > max_age:
        raise HoldoutInvalid(f"it is older than {span(max_age)}: its latest is of {at}; bring newer rows")
    if age < -CLOCKS_APART:
        raise HoldoutInvalid(f"its latest is of {at}, which is yet to come: correct it")


def newest(path: Path, holdout: Holdout, dated_by: str | None) -> datetime:
    """The latest time in a column, or else of the file's last change. Raises HoldoutInvalid."""
    if dated_by is None:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    if dated_by not in holdout.inputs:
        raise HoldoutInvalid(f"{path} has no column '{dated_by}' to tell its age by")
    column = holdout.inputs[dated_by]
    if pd.api.types.is_numeric_dtype(column):
        raise HoldoutInvalid(f"the column '{dated_by}' of {path} holds numbers, not times")
    texts = column.astype(str).str.removesuffix(" UTC") if column.dtype.kind not in "Mm" else column
    latest = pd.to_datetime(texts, errors="coerce", utc=True, format="ISO8601").max()
    if pd.isna(latest):
        raise HoldoutInvalid(f"the column '{dated_by}' of {path} holds no ISO 8601 time")
    return datetime.fromtimestamp(latest.timestamp(), UTC)
