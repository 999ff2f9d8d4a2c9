"""Candidate and champion by one metric, on exactly the same rows."""

import math
from typing import ClassVar, Literal

from policies.evidence.need import DataNeed
from policies.evidence.told import Told
from registry.words import Value

AGAINST = " against champion on "


class Spread(Value):
    """What the standard error of a log ratio does not say, and its bound at any margin needs.

    `candidate_se` and `champion_se` are the standard errors of each model's own ln(metric ** (1/power)):
    an RMSE is taken as its mean square, power 1/2. `dof` are the degrees of freedom that the rows are worth:
    n - 1 if all weigh alike, a handful where a few carry most of the loss.
    """

    candidate_se: float
    champion_se: float
    dof: float
    power: float = 1.0

    @property
    def sound(self) -> bool:
        """Whether these are figures that a bound can be made of."""
        errors = (self.candidate_se, self.champion_se)
        return all(0 <= error < math.inf for error in errors) and 0 < self.dof < math.inf and self.power > 0

    def variances(self, se: float) -> tuple[float, float, float]:
        """The candidate's, the champion's, and their covariance, given the log ratio's standard error."""
        a, b = self.candidate_se**2, self.champion_se**2
        return a, b, (a + b - (se / self.power) ** 2) / 2


class Resampled(Value):
    """The paired bootstrap's word on ln(candidate / champion): its 5 % and 95 % quantiles, of fixed seed."""

    low: float
    high: float


class Discordant(Value):
    """Rows that only the candidate, and only the champion, labelled right; `p` is McNemar's, mid-p."""

    candidate: int
    champion: int
    p: float


class Comparison(Value):
    """Candidate and champion, or what else it is held against, on the same rows.

    `log_ratio` is ln(candidate / champion) of the metric and `se` its standard error by the delta method
    over paired per-row influences: g = k(l_c/mean l_c - l_b/mean l_b), se = sd(g)/sqrt(n), k = 1/2 for RMSE
    and 1 for MAE; over whole days where `days` says how many there are. `None` where the metric has no such
    influences, or the ratio is undefined (a zero mean).
    """

    kind: Literal["comparison"] = "comparison"
    candidate: float
    champion: float
    rows: int
    log_ratio: float | None = None
    se: float | None = None
    spread: Spread | None = None
    days: int | None = None
    resampled: Resampled | None = None
    discordant: Discordant | None = None


class ComparisonNeed(DataNeed):
    """Compare candidate and champion by one metric, on exactly the same rows of one data set."""

    against_champion: ClassVar[bool] = True

    kind: Literal["comparison"] = "comparison"
    metric: str

    @property
    def key(self) -> str:
        """The metric and where."""
        return f"{self.metric}{AGAINST}{self.dataset}"

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
