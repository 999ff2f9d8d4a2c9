"""How old a data set is, and whether that is too old to be judged on. The clock comes in from outside."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from policies.figures import span
from validation.holdout import Holdout, HoldoutInvalid, times_of

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


def newest(path: Path, holdout: Holdout, day: str | None) -> datetime:
    """The latest time in the column of days, or else of the file's last change."""
    if day is None:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return datetime.fromtimestamp(times_of(holdout.inputs[day]).max().timestamp(), UTC)
