"""The area under the ROC curve: how often a row that is 1 is scored above one that is 0.

Each row's placement among those of the other class is its influence, as in DeLong's comparison (1988). Pure.
"""

import numpy as np

from validation.arrays import Floats, Integers, Table
from validation.labels import binary
from validation.metric import Metric, MetricUndefined, Weighed


class Auc(Metric):
    """Of two classes by any scores of 1, ties counted half."""

    ordered = True

    def value(self, target: Floats, predictions: Floats | Table) -> float:
        """Between 0 and 1. Raises MetricUndefined if one class is missing."""
        return float(_placements(target, predictions)[target == 1].mean())

    def influence(self, target: Floats, predictions: Floats | Table) -> Floats:
        """Placements about their mean, each class weighing the same in all."""
        placed = _placements(target, predictions)
        area = placed[target == 1].mean()
        share = np.where(target == 1, (target == 1).mean(), (target == 0).mean())
        return np.asarray((placed - area) / share / area)

    def weighed(self, target: Floats, predictions: Floats | Table, groups: Integers) -> Weighed:
        """Sorts once, and counts the pairs that are in order by running sums."""
        order = np.argsort(predictions, kind="stable")
        ones, places = target[order] == 1, groups[order]
        starts = np.flatnonzero(np.diff(predictions[order], prepend=-np.inf))

        def values(weights: Table) -> Floats:
            each = weights[:, places]
            up = np.add.reduceat(each * ones, starts, axis=1)
            down = np.add.reduceat(each * ~ones, starts, axis=1)
            below: Table = down.cumsum(axis=1) - down / 2
            pairs = up.sum(axis=1) * down.sum(axis=1)
            ordered = np.asarray((up * below).sum(axis=1))
            return np.asarray(np.divide(ordered, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0))

        return values


def _placements(target: Floats, predictions: Floats | Table) -> Floats:
    """For each row the share of the other class that it is rightly ordered against."""
    ones = binary("auc", target)
    if ones.all() or not ones.any():
        raise MetricUndefined("auc needs rows of both classes, and all targets are equal")
    scores, place = np.unique(predictions, return_inverse=True)
    up = np.bincount(place[ones], minlength=len(scores))
    down = np.bincount(place[~ones], minlength=len(scores))
    zeros_below = (down.cumsum() - down / 2) / down.sum()
    ones_above = 1 - (up.cumsum() - up / 2) / up.sum()
    return np.asarray(np.where(ones, zeros_below[place], ones_above[place]))
