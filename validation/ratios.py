"""Metrics that are ratios of means over rows, or the mean of such ratios over classes: nearly all are.

Influences are the delta method's: of A/B, (a - A/B b) / B. Pure.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from validation.arrays import Floats, Integers, Table, summed
from validation.metric import Losses, Metric, Weighed

Parts = Callable[[Floats, Floats | Table], tuple[Table, Table]]
"""(target, predictions) -> tops and bottoms of the ratios, both of shape (classes, rows)."""


@dataclass(frozen=True)
class Ratio(Metric):
    """mean over classes of (mean(top) / mean(bottom)), to its power; or 1 less that."""

    parts: Parts
    power: float = 1.0
    less_than_one: bool = False
    counts: bool = False
    losses: Losses | None = None

    def value(self, target: Floats, predictions: Floats | Table) -> float:
        """The figure; infinite where the sum of losses overflows."""
        top, bottom = self.parts(target, predictions)
        return float(self._of(top.mean(1)[:, None], bottom.mean(1)[:, None])[0])

    def influence(self, target: Floats, predictions: Floats | Table) -> Floats:
        """Of shape (rows,); the value must not be 0."""
        top, bottom = self.parts(target, predictions)
        means, below = top.mean(1, keepdims=True), bottom.mean(1, keepdims=True)
        ratio = divided(means, below)
        moved = divided(top - ratio * bottom, below).mean(0)
        whole = float(ratio.mean())
        return np.asarray(-moved / (1 - whole) if self.less_than_one else moved / whole)

    def weighed(self, target: Floats, predictions: Floats | Table, groups: Integers) -> Weighed:
        """Sums each group's rows once, so a resample costs no more than its groups."""
        parts = np.vstack([_summed(part, groups) for part in self.parts(target, predictions)])

        def values(weights: Table) -> Floats:
            top, bottom = np.split(parts @ weights.T, 2)
            return self._of(top, bottom)

        return values

    def _of(self, top: Table, bottom: Table) -> Floats:
        """Of sums or means, of shape (classes, resamples)."""
        ratio = divided(top, bottom).mean(0)
        return np.asarray(1 - ratio if self.less_than_one else ratio**self.power)


def mean_of(losses: Losses, power: float = 1.0) -> Ratio:
    """The mean of a loss for each row, to a power."""

    def parts(target: Floats, predictions: Floats | Table) -> tuple[Table, Table]:
        each = losses(target, predictions)[None, :]
        return each, np.ones_like(each)

    return Ratio(parts, power=power, losses=losses)


def divided(top: Table, bottom: Table) -> Table:
    """Nothing over nothing is 0: a class that was never predicted was never predicted right."""
    return np.divide(
        top, bottom, out=np.zeros(np.broadcast_shapes(top.shape, bottom.shape)), where=bottom != 0
    )


def _summed(part: Table, groups: Integers) -> Table:
    count = int(groups.max()) + 1
    return np.stack([summed(row, groups, count) for row in part])
