"""Whether the candidate was trained on the rows that it is judged on, as far as its trainer logged it."""

from typing import ClassVar, Literal

from policies.evidence.need import DataNeed
from policies.evidence.told import CaseUnfit, Told
from registry.words import Value


class Overlap(Value):
    """What is known of the training data, held against `rows` rows.

    `logged` names the training data whose digest can be compared, `same` those of them that are this very
    data. `shared` are the rows whose key was trained on, None where no keys of this column were logged;
    `by_chance` is how many the filter would show on average if none was, `keys` how many keys it holds.
    """

    kind: Literal["overlap"] = "overlap"
    rows: int
    logged: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    shared: int | None = None
    by_chance: float = 0.0
    keys: int | None = None


class OverlapNeed(DataNeed):
    """Hold a data set against what the candidate was trained on: as a whole, and row by row by a key."""

    against_training: ClassVar[bool] = True

    kind: Literal["overlap"] = "overlap"
    column: str | None = None

    @property
    def key(self) -> str:
        """Where, and by which column."""
        by = f" by {self.column}" if self.column else ""
        return f"overlap of {self.dataset} with the training data{by}"

    @property
    def names(self) -> tuple[str, ...]:
        """The word alone will do."""
        return (f"overlap on {self.dataset}", "overlap")

    def told(self, told: Told) -> Overlap:
        """How many rows were trained on; a case that tells nothing of it means none. Raises CaseUnfit."""
        shared = told.number(self.names) or 0.0
        if not (shared.is_integer() and 0 <= shared <= told.rows):
            raise CaseUnfit(f"'{self.names[1]}' is told as {shared:g}; write how many rows were trained on")
        by_key = self.column is not None
        return Overlap(
            rows=told.rows,
            logged=("a case",),
            same=("a case",) if shared and not by_key else (),
            shared=int(shared) if by_key else None,
            keys=told.rows if by_key else None,
        )
