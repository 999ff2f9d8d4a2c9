"""One metric of the candidate."""

from typing import Literal

from policies.evidence.need import DataNeed
from policies.evidence.told import Told
from registry.words import Value


class Measurement(Value):
    """One metric of the candidate; `value` in the metric's own unit, over `rows` rows."""

    kind: Literal["measurement"] = "measurement"
    value: float
    rows: int


class MetricNeed(DataNeed):
    """Measure one metric of the candidate on one data set."""

    kind: Literal["metric"] = "metric"
    metric: str

    @property
    def key(self) -> str:
        """The metric and where."""
        return f"{self.metric} on {self.dataset}"

    @property
    def names(self) -> tuple[str, ...]:
        """The metric alone will do where it is asked for on one data set."""
        return (self.key, self.metric)

    def told(self, told: Told) -> Measurement | None:
        """The figure as it is."""
        value = told.number(self.names)
        return None if value is None else Measurement(value=value, rows=told.rows)
