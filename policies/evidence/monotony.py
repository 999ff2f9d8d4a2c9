"""How the candidate's predictions move when one column is moved upwards, row by row."""

from typing import Literal

from policies.evidence.need import DataNeed
from policies.evidence.told import Told
from registry.words import Value


class Monotony(Value):
    """Over `rows` rows that could be moved upwards, step by step.

    `never_fell` counts rows whose prediction rose or stayed at every step, `never_rose` those where it fell
    or stayed; `moved` those where it did not stay throughout.
    """

    kind: Literal["monotony"] = "monotony"
    rows: int
    never_fell: int
    never_rose: int
    moved: int


class MonotonyNeed(DataNeed):
    """Move one column upwards and ask the candidate again."""

    kind: Literal["monotony"] = "monotony"
    column: str

    @property
    def key(self) -> str:
        """Which column is moved, and where."""
        return f"predictions on {self.dataset} with {self.column} moved upwards"

    @property
    def names(self) -> tuple[str, ...]:
        """In a case `monotonic distance_km` will do."""
        return (f"monotonic {self.column} on {self.dataset}", f"monotonic {self.column}")

    def told(self, told: Told) -> Monotony | None:
        """Shares of all rows that rose, and that fell; the others stayed."""
        found = told.several(self.names, ("rose", "fell"))
        if found is None:
            return None
        rose, fell = (round(found[way] * told.rows) for way in ("rose", "fell"))
        return Monotony(
            rows=told.rows, never_fell=told.rows - fell, never_rose=told.rows - rose, moved=rose + fell
        )
