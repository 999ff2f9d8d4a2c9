"""Candidate and champion by one metric, on exactly the same rows."""

import math
from typing import ClassVar, Literal

from policies.evidence.need import DataNeed
from policies.evidence.told import Told
from registry.words import Value


class Comparison(Value):
    """Candidate and champion, or what else it is held against, on the same rows.

    `log_ratio` is ln(candidate / champion) of the metric and `se` its standard error by the delta method
    over paired per-row losses: g = k(l_c/mean l_c - l_b/mean l_b), se = sd(g)/sqrt(n), k = 1/2 for RMSE and 1
    for MAE. `None` where the metric has no per-row losses, or the ratio is undefined (a zero mean).
    """

    kind: Literal["comparison"] = "comparison"
    candidate: float
    champion: float
    rows: int
    log_ratio: float | None = None
    se: float | None = None


class ComparisonNeed(DataNeed):
    """Compare candidate and champion by one metric, on exactly the same rows of one data set."""

    against_champion: ClassVar[bool] = True

    kind: Literal["comparison"] = "comparison"
    metric: str

    @property
    def key(self) -> str:
        """The metric and where."""
        return f"{self.metric} against champion on {self.dataset}"

    @property
    def names(self) -> tuple[str, ...]:
        """A case tells the two figures; comparing them is ours."""
        return (f"{self.metric} on {self.dataset}", self.metric)

    def told(self, told: Told) -> Comparison | None:
        """The two figures, as sure as the case says."""
        ours, theirs = told.number(self.names), told.number(self.names, of_champion=True)
        return compared(ours, theirs, told)


def compared(ours: float | None, theirs: float | None, told: Told) -> Comparison | None:
    """What a case tells of two figures, if it tells both."""
    if ours is None or theirs is None:
        return None
    sound = all(math.isfinite(figure) and figure > 0 for figure in (ours, theirs))
    return Comparison(
        candidate=ours,
        champion=theirs,
        rows=told.rows,
        log_ratio=math.log(ours / theirs) if sound else None,
        se=told.uncertainty if sound else None,
    )
