"""Precision, recall and F1: of one class, and over all classes, each weighing alike or by its rows.

Pure. Influences are the delta method's, of the weights, too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from validation.arrays import Floats, Integers, Table, summed
from validation.labels import by_class, true_and_called
from validation.metric import Metric, Weighed
from validation.ratios import Ratio, divided

Share = Callable[[Table, Table], tuple[Table, Table]]
"""(true, called) -> tops and bottoms, all of shape (classes, rows)."""


def of_one(name: str, share: Share, place: int | None = None) -> Metric:
    """Of one class by its place; None: of class 1, where there are two."""
    return Ratio(partial(_one, name, share, place), counts=True)


def macro(share: Share) -> Metric:
    """The mean over all classes that are in the target or were predicted."""
    return Ratio(partial(_all, share), counts=True)


def _one(
    name: str, share: Share, place: int | None, target: Floats, predictions: Floats | Table
) -> tuple[Table, Table]:
    return share(*true_and_called(name, place, target, predictions))


def _all(share: Share, target: Floats, predictions: Floats | Table) -> tuple[Table, Table]:
    return share(*by_class(target, predictions))


@dataclass(frozen=True)
class Weighted(Metric):
    """The mean over classes, each weighing as many rows as it has in the target."""

    share: Share
    counts: bool = True

    def value(self, target: Floats, predictions: Floats | Table) -> float:
        """Between 0 and 1."""
        true, top, bottom = self._tables(target, predictions)
        return float((true.mean(1) * divided(top.mean(1), bottom.mean(1))).sum())

    def influence(self, target: Floats, predictions: Floats | Table) -> Floats:
        """By the product rule: of each class's figure, and of its weight."""
        true, top, bottom = self._tables(target, predictions)
        weight, below = true.mean(1, keepdims=True), bottom.mean(1, keepdims=True)
        ratio = divided(top.mean(1, keepdims=True), below)
        moved = weight * divided(top - ratio * bottom, below) + ratio * (true - weight)
        return np.asarray(moved.sum(0) / float((weight * ratio).sum()))

    def weighed(self, target: Floats, predictions: Floats | Table, groups: Integers) -> Weighed:
        """Sums each group's rows once."""
        count = int(groups.max()) + 1
        true, top, bottom = (
            np.stack([summed(row, groups, count) for row in table])
            for table in self._tables(target, predictions)
        )

        def values(weights: Table) -> Floats:
            share = true @ weights.T
            return np.asarray((share * divided(top @ weights.T, bottom @ weights.T)).sum(0) / share.sum(0))

        return values

    def _tables(self, target: Floats, predictions: Floats | Table) -> tuple[Table, Table, Table]:
        true, called = by_class(target, predictions)
        return true, *self.share(true, called)
