"""The rule for comparing with a champion: a one-sided confidence bound with a margin, closed form.

Naive `candidate <= champion` promotes an equal model half of the time. Here the bound on the worse side of
ln(candidate / champion) decides, and where the data cannot say, how many rows could. Measuring the ratio
and its standard error is `validation`'s.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

from policies.metrics import Better

MANY_ROWS = 10_000_000
"""Beyond this, more rows are no advice."""


@dataclass(frozen=True)
class Bound:
    """A log ratio with its standard error, seen from a metric's worse side.

    `margin` is how much worse, as a fraction of the champion's value, the candidate may be: 0.02 lets an RMSE
    be 2 % higher, or an accuracy 2 % lower; negative demands an improvement.
    """

    log_ratio: float
    se: float
    better: Better
    margin: float
    confidence: float

    @property
    def sign(self) -> int:
        """+1 where larger is worse."""
        return 1 if self.better is Better.SMALLER else -1

    @property
    def allowed(self) -> float:
        """How far ln(candidate / champion) may go to the worse side."""
        return self.sign * math.log1p(self.sign * self.margin)

    @property
    def reach(self) -> float:
        """Half the width of the interval: z times the standard error."""
        return NormalDist().inv_cdf(self.confidence) * self.se

    @property
    def passes(self) -> bool:
        """Even at worst, the candidate is within the margin."""
        return self.sign * self.log_ratio + self.reach <= self.allowed

    @property
    def fails(self) -> bool:
        """Even at best, the candidate is outside the margin."""
        return self.sign * self.log_ratio - self.reach > self.allowed

    @property
    def at_worst(self) -> float:
        """Change of the metric at the worse end of the interval, as a fraction of the champion's value."""
        return expm1(self.log_ratio + self.sign * self.reach)

    @property
    def p_worse(self) -> float:
        """How likely figures so bad are, were the candidate worse by exactly the margin: Holm's input."""
        over = self.sign * self.log_ratio - self.allowed
        if self.se == 0:
            return 0.0 if over > 0 else 1.0
        return NormalDist().cdf(-over / self.se)

    def rows_to_settle(self, rows: int) -> int | None:
        """Rows that would settle it if the difference stayed as it is; None where too many to ask for."""
        distance = abs(self.allowed - self.sign * self.log_ratio)
        shrink = self.reach / distance if distance else math.inf
        needed = rows * shrink * shrink
        return round_up(needed) if needed < MANY_ROWS else None


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
