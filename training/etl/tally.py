"""How many rows became what: counted by every engine with the same SQL, judged here. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from training.errors import TripsInvalid
from training.etl.cleaning import BROKEN_LINE, REASONS, UNSAMPLED
from training.etl.columns import REASON, SPLIT, TARGET
from training.etl.splitting import SPLITS

_KEPT: Final = f"{REASON} IS NULL"
COUNTS: Final = (
    *(f"count_if({REASON} = {place})" for place in range(len(REASONS))),
    *(f"count_if({_KEPT} AND {SPLIT} = {place})" for place in range(len(SPLITS))),
    f"min(CASE WHEN {_KEPT} THEN {TARGET} END)",
    f"max(CASE WHEN {_KEPT} THEN {TARGET} END)",
)
"""Aggregates over judged rows, in the order that `tally` takes their values."""


@dataclass(frozen=True)
class Tally:
    """Rows by what became of them; the fares are of kept rows, None where there are none."""

    dropped: Mapping[str, int]
    rows: Mapping[str, int]
    cheapest: float | None
    dearest: float | None

    @property
    def kept(self) -> int:
        """Rows in any split."""
        return sum(self.rows.values())

    @property
    def read(self) -> int:
        """All rows of the file."""
        return self.kept + sum(self.dropped.values())

    @property
    def bad(self) -> int:
        """Rows that are dropped for what is in them."""
        return sum(rows for reason, rows in self.dropped.items() if reason != UNSAMPLED)

    def reasons(self) -> str:
        """Name the reasons that cost a row, with the rows they cost."""
        return ", ".join(f"{rows:,} {reason}" for reason, rows in self.dropped.items() if rows) or "none"


def tally(values: Sequence[Any], broken: int = 0) -> Tally:
    """Give names to the values of `COUNTS`; `broken` lines are those that never became rows."""
    dropped = {name: int(value or 0) for name, value in zip(REASONS, values, strict=False)}
    rows = {split: int(value or 0) for split, value in zip(SPLITS, values[len(REASONS) :], strict=False)}
    cheapest, dearest = values[-2:]
    counted = Tally(dropped, rows, cheapest, dearest)
    return replace(counted, dropped=dropped | {BROKEN_LINE: dropped[BROKEN_LINE] + broken})


def insist(counted: Tally, trips: str, limit_bad: float) -> None:
    """Raise TripsInvalid where the rows are of no use, with the reasons for which they were dropped."""
    if not counted.read:
        raise TripsInvalid(f"{trips} has a header and no trips")
    if not counted.kept:
        raise TripsInvalid(f"{trips} has no valid row: of {counted.read:,}, {counted.reasons()}")
    if counted.bad > limit_bad * counted.read:
        raise TripsInvalid(
            f"{trips} is too dirty: {counted.bad:,} of {counted.read:,} rows"
            f" ({counted.bad / counted.read:.0%}) are dropped, and --limit-bad allows"
            f" {limit_bad:.0%}; {counted.reasons()}"
        )
    empty = [split for split, rows in counted.rows.items() if not rows]
    if empty:
        raise TripsInvalid(
            f"{trips} has too few valid rows: {counted.kept:,} of {counted.read:,}, so that none fell"
            f" to {' and '.join(empty)}; dropped: {counted.reasons()}"
        )
    if counted.cheapest == counted.dearest:
        raise TripsInvalid(
            f"{trips} has one fare for all of its {counted.kept:,} valid trips, {counted.cheapest} dollars:"
            " there is nothing to learn"
        )
