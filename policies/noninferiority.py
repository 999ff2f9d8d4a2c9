"""The rule for comparing with a champion: a one-sided confidence bound with a margin, closed form.

Naive `candidate <= champion` promotes an equal model half of the time. Here the bound on the worse side of
ln(candidate / champion) decides, and where the data cannot say, how many rows could. Measuring the ratio
and its standard errors is `validation`'s.

With a few rows carrying most of a loss, the log ratio is far from normal: its plain bound promotes a worse
model in up to 16 of 100 trials. So the bound is Fieller's (1954), of candidate - ratio * champion, with a t
quantile for as many degrees of freedom as the rows are worth (docs/decisions/0036).
"""

import math
from dataclasses import dataclass

from policies.evidence.comparison import Spread
from policies.metrics import Better
from policies.students import above, quantile

MANY_ROWS = 10_000_000
"""Beyond this, more rows are no advice."""


@dataclass(frozen=True)
class Bound:
    """A log ratio with its standard error, seen from a metric's worse side.

    `margin` is how much worse, as a fraction of the champion's value, the candidate may be: 0.02 lets an RMSE
    be 2 % higher, or an accuracy 2 % lower; negative demands an improvement. Without a `spread` the log ratio
    is taken for normal.
    """

    log_ratio: float
    se: float
    better: Better
    margin: float
    confidence: float
    spread: Spread | None = None

    @property
    def sign(self) -> int:
        """+1 where larger is worse."""
        return 1 if self.better is Better.SMALLER else -1

    @property
    def allowed(self) -> float:
        """How far ln(candidate / champion) may go to the worse side."""
        return self.sign * math.log1p(self.sign * self.margin)

    @property
    def t(self) -> float:
        """The quantile of Student's t; of the normal distribution without a spread."""
        return quantile(self.confidence, self.spread.dof if self.spread else math.inf)

    @property
    def passes(self) -> bool:
        """Even at worst, the candidate is within the margin."""
        return self.sign * self.log_ratio + self._reach(self.sign) <= self.allowed

    @property
    def fails(self) -> bool:
        """Even at best, the candidate is outside the margin."""
        return self.sign * self.log_ratio - self._reach(-self.sign) > self.allowed

    @property
    def at_worst(self) -> float:
        """Change of the metric at the worse end of the interval, as a fraction of the champion's value."""
        return expm1(self.log_ratio + self.sign * self._reach(self.sign))

    @property
    def interval(self) -> tuple[float, float]:
        """Where the log ratio may lie: each end as sure as the bound is."""
        return self.log_ratio - self._reach(-1), self.log_ratio + self._reach(1)

    @property
    def statistic(self) -> float:
        """How many standard errors the candidate is on the worse side of what is allowed."""
        over = self.sign * self.log_ratio - self.allowed
        if self.spread is None:
            distance, error = over, self.se
        else:
            q = math.exp(max(-300.0, min(300.0, -self.sign * over / self.spread.power)))  # so its square fits
            a, b, c = self.spread.variances(self.se)
            distance = self.sign * (1 - q)
            error = math.sqrt(max(0.0, a - 2 * q * c + q * q * b))
        return distance / error if error else math.copysign(math.inf, over or -1)

    @property
    def p_worse(self) -> float:
        """How likely figures so bad are, were the candidate worse by exactly the margin: Holm's input."""
        return above(self.statistic, self.spread.dof if self.spread else math.inf)

    def rows_to_settle(self, rows: int) -> int | None:
        """Rows that would settle it if the difference stayed as it is; None where too many to ask for."""
        distance = abs(self.statistic)
        shrink = self.t / distance if distance else math.inf
        if self.spread is not None:  # and the interval must have an end
            shrink = max(shrink, self.t * self.spread.candidate_se, self.t * self.spread.champion_se)
        needed = rows * shrink * shrink
        return round_up(needed) if needed < MANY_ROWS else None

    def _reach(self, side: int) -> float:
        """How far the interval goes from the log ratio, up (side 1) or down (-1); infinite if it has no end.

        Fieller's ends are the roots of (1 - q)^2 = t^2 (a - 2qc + q^2 b), where q is the ratio against the
        one that was seen.
        """
        if self.spread is None or self.se == 0:
            return self.t * self.se
        a, b, c = (1 - self.t * self.t * v for v in self.spread.variances(self.se))
        if min(a, b, c) <= 0:
            return math.inf
        root = math.sqrt(max(0.0, c * c - a * b))
        q = (c + root) / b if side > 0 else a / (c + root)
        return side * self.spread.power * math.log(q)


def expm1(log: float) -> float:
    """exp(log) - 1, infinite where a float cannot hold it."""
    try:
        return math.expm1(log)
    except OverflowError:
        return math.inf


def round_up(rows: float) -> int:
    """A number of rows, rounded up to two figures: it is advice, not a measurement."""
    unit = int(10.0 ** max(0, len(str(math.ceil(rows))) - 2))
    return math.ceil(rows / unit) * unit
