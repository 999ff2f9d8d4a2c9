"""Candidate and a simple baseline by one metric, on exactly the same rows. The finding is a `Comparison`."""

from typing import Literal

from policies.evidence.comparison import Comparison, compared
from policies.evidence.need import DataNeed
from policies.evidence.told import Told


class BaselineNeed(DataNeed):
    """Compare the candidate with a baseline of our own: the mean, or a line through one `column`."""

    kind: Literal["baseline"] = "baseline"
    metric: str
    column: str | None = None

    @property
    def baseline(self) -> str:
        """How a policy calls it."""
        return "baseline:mean" if self.column is None else f"baseline:linear-{self.column}"

    @property
    def key(self) -> str:
        """The metric, the baseline and where."""
        return f"{self.metric} against {self.baseline} on {self.dataset}"

    @property
    def names(self) -> tuple[str, ...]:
        """A case tells the two figures, such as `rmse` and `rmse of baseline:mean`."""
        ours = (f"{self.metric} on {self.dataset}", self.metric)
        return (*ours, *(f"{self.metric} of {self.baseline}{where}" for where in (f" on {self.dataset}", "")))

    def told(self, told: Told) -> Comparison | None:
        """The two figures, as sure as the case says."""
        return compared(told.number(self.names[:2]), told.number(self.names[2:]), told)
