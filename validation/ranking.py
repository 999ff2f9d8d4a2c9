"""Metrics of the order that rows are scored in: of one class against all others, or of each in turn. Pure."""

from dataclasses import dataclass

import numpy as np

from validation.arrays import Floats, Integers, Table
from validation.labels import binary, columns_known
from validation.metric import Metric, MetricUndefined, Weighed


@dataclass(frozen=True)
class OneVersusRest(Metric):
    """A metric of two classes: of class 1, of one class by its place, or the mean over all classes.

    Of predictions in one column it is of class 1. Of several columns each is scored against all others,
    and classes weigh alike (macro).
    """

    of: Metric
    name: str
    place: int | None = None
    ordered: bool = True

    @property
    def resamples(self) -> int:  # type: ignore[override]
        """As of two classes."""
        return self.of.resamples

    def value(self, target: Floats, predictions: Floats | Table) -> float:
        """The mean over the pairs."""
        return float(np.mean([self.of.value(*pair) for pair in self._pairs(target, predictions)]))

    def influence(self, target: Floats, predictions: Floats | Table) -> Floats | None:
        """Of a mean: the parts' own, weighed by their values."""
        pairs = self._pairs(target, predictions)
        values, moved = np.array([self.of.value(*pair) for pair in pairs]), []
        for pair in pairs:
            influence = self.of.influence(*pair)
            if influence is None:
                return None
            moved.append(influence)
        return np.asarray(values @ np.stack(moved) / values.sum())

    def weighed(self, target: Floats, predictions: Floats | Table, groups: Integers) -> Weighed:
        """The mean of the parts' own."""
        each = [self.of.weighed(*pair, groups) for pair in self._pairs(target, predictions)]
        return lambda weights: np.mean([values(weights) for values in each], axis=0)

    def _pairs(self, target: Floats, predictions: Floats | Table) -> list[tuple[Floats, Floats]]:
        """Targets of 0 and 1 with the scores of 1."""
        if predictions.ndim == 1:
            if self.place not in {None, 1}:
                raise MetricUndefined(
                    f"{self.name} needs a score of its class, and a model gave one of another"
                )
            return [(binary(self.name, target).astype(np.float64), predictions)]
        columns_known(target, predictions)
        if predictions.shape[1] == 2 and self.place is None:  # noqa: PLR2004 of two classes one says all
            return [(binary(self.name, target).astype(np.float64), predictions[:, 1])]
        places = range(predictions.shape[1]) if self.place is None else [self.place]
        return [((target == place).astype(np.float64), predictions[:, place]) for place in places]


class AveragePrecision(Metric):
    """The mean of precision over the rows that are 1, each at its own threshold; ties share one."""

    resamples = 400
    ordered = True

    def value(self, target: Floats, predictions: Floats | Table) -> float:
        """Between 0 and 1. Raises MetricUndefined without a row that is 1."""
        if not (target == 1).any():
            raise MetricUndefined("average_precision is of the rows of a class, and there are none")
        rows = np.arange(len(target))
        return float(self.weighed(target, predictions, rows)(np.ones((1, len(target))))[0])

    def weighed(self, target: Floats, predictions: Floats | Table, groups: Integers) -> Weighed:
        """Sorts once; a threshold's precision counts for the rows that it adds."""
        order = np.argsort(-predictions, kind="stable")
        ones, places = target[order] == 1, groups[order]
        ends = np.append(np.flatnonzero(np.diff(predictions[order])), len(order) - 1)

        def values(weights: Table) -> Floats:
            each = weights[:, places]
            found = (each * ones).cumsum(axis=1)[:, ends]
            called = each.cumsum(axis=1)[:, ends]
            gained = np.diff(found, prepend=0.0, axis=1)
            precision = np.divide(found, called, out=np.zeros_like(found), where=called > 0)
            total = found[:, -1]
            summed = np.asarray((gained * precision).sum(axis=1))
            return np.asarray(np.divide(summed, total, out=np.full(len(total), np.nan), where=total > 0))

        return values
