"""One metric of the candidate before and after its inputs are disturbed."""

from typing import Literal

from policies.evidence.need import DataNeed
from policies.evidence.told import Told
from registry.words import Value


class Disturbance(Value):
    """The metric on the rows as they are, and on the same rows disturbed."""

    kind: Literal["disturbance"] = "disturbance"
    before: float
    after: float
    rows: int


class DisturbanceNeed(DataNeed):
    """Disturb some columns and measure a metric again.

    `noise` is a standard deviation as a multiple of each column's own; `missing` the share of values taken
    away. Zero leaves either out.
    """

    kind: Literal["disturbance"] = "disturbance"
    metric: str
    columns: tuple[str, ...]
    noise: float = 0.0
    missing: float = 0.0

    @property
    def key(self) -> str:
        """What is measured, where, and under what."""
        noise = f"noise {self.noise:g}" if self.noise else ""
        missing = f"{self.missing:.3%} missing" if self.missing else ""
        under = " and ".join(filter(None, (noise, missing)))
        return f"{self.metric} on {self.dataset} under {under} in {', '.join(self.columns)}"

    @property
    def names(self) -> tuple[str, ...]:
        """In a case `disturbed rmse` will do; the metric itself is told beside it."""
        plain = f"{self.metric} on {self.dataset}"
        return (f"disturbed {plain}", f"disturbed {self.metric}", plain, self.metric)

    def told(self, told: Told) -> Disturbance | None:
        """Both figures as they are."""
        after, before = told.number(self.names[:2]), told.number(self.names[2:])
        if after is None or before is None:
            return None
        return Disturbance(before=before, after=after, rows=told.rows)
