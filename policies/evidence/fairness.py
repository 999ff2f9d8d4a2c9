"""One figure of the candidate for each group of rows that share a column's value."""

from typing import Literal

from policies.evidence.need import DataNeed
from policies.evidence.told import Told
from registry.words import Value


class Group(Value):
    """The figure over a group's rows and its standard error; without a value, `wrong` says why."""

    name: str
    rows: int
    value: float | None = None
    se: float | None = None
    wrong: str = ""


class Groups(Value):
    """All groups of one column."""

    kind: Literal["groups"] = "groups"
    rows: int
    groups: tuple[Group, ...]


class GroupsNeed(DataNeed):
    """Measure a metric, or how often a class is predicted (`positive_rate`), by the values of a column."""

    kind: Literal["groups"] = "groups"
    column: str
    metric: str

    @property
    def key(self) -> str:
        """What, by which column, and where."""
        return f"{self.metric} by {self.column} on {self.dataset}"

    @property
    def names(self) -> tuple[str, ...]:
        """In a case `recall by sex` will do."""
        return (self.key, f"{self.metric} by {self.column}")

    def told(self, told: Told) -> Groups | None:
        """Figures by group."""
        figures = told.by_name(self.names)
        if figures is None:
            return None
        groups = (
            Group(name=name, rows=told.rows, value=value, se=told.uncertainty)
            for name, value in figures.items()
        )
        return Groups(rows=told.rows, groups=tuple(groups))
