"""How old a data set is, and whether that is too old to be judged on. The clock comes in from outside."""

from datetime import UTC, datetime, timedelta
from typing import Final

from policies.figures import span
from validation.addresses import HoldoutInvalid
from validation.holdout import Holdout
from validation.judged import times_of
from validation.spark.far import FarHoldout

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


def newest(holdout: Holdout | FarHoldout, day: str | None) -> datetime:
    """The latest time in the column of days, or else of the last change of a file. Raises HoldoutInvalid."""
    if day is not None and isinstance(holdout, Holdout):
        return datetime.fromtimestamp(times_of(holdout.inputs[day]).max().timestamp(), UTC)
    if holdout.written is None:
        raise HoldoutInvalid(
            "could not tell how old it is: where it lies nobody says when a file was written; "
            "name its column of times as `day`"
        )
    return holdout.written
