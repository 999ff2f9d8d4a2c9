"""How far the candidate's probabilities are from how often things came true."""

from typing import Literal

from policies.evidence.need import DataNeed
from policies.evidence.told import Told
from registry.words import Value


class CalibrationBin(Value):
    """Rows whose probability lay from `low` to `high`: its mean, and the share that came true."""

    low: float
    high: float
    rows: int
    predicted: float
    came_true: float


class Calibration(Value):
    """The expected calibration error: mean of |predicted - came true| over bins, weighed by their rows.

    `by_chance` is what a model without any such error would show on average with so few rows. Bins are of
    equal width; empty ones are left out. Of several classes it is the probability of the likeliest one.
    """

    kind: Literal["calibration"] = "calibration"
    error: float
    by_chance: float
    rows: int
    bins: tuple[CalibrationBin, ...] = ()


class CalibrationNeed(DataNeed):
    """Hold probabilities against what came true, in so many bins."""

    kind: Literal["calibration"] = "calibration"
    bins: int

    @property
    def key(self) -> str:
        """Over how many bins, and where."""
        return f"calibration over {self.bins} bins on {self.dataset}"

    @property
    def names(self) -> tuple[str, ...]:
        """The word alone will do."""
        return (self.key, "calibration")

    def told(self, told: Told) -> Calibration | None:
        """The error as a fraction."""
        error = told.number(self.names)
        return None if error is None else Calibration(error=error, by_chance=0.0, rows=told.rows)
