"""Metric: what every metric answers, and how much each row had to do with it."""

from abc import ABC, abstractmethod
from collections.abc import Callable

from validation.arrays import Floats, Integers, Table

Weighed = Callable[[Table], Floats]
"""Values of a metric for weights of shape (resamples, groups), one each."""


class MetricUndefined(Exception):
    """These rows have no value of this metric, or these predictions are not what it is of."""


class Metric(ABC):
    """One figure of predictions against the target.

    `power` is what the mean behind it is taken to: 1/2 for RMSE. `counts` says that it counts rows, right or
    wrong, so that rows of a kind that was never seen yet could still come. `ordered` says that it goes by
    the order of all rows, so that they cannot be summed up by group.
    """

    power: float = 1.0
    counts: bool = False
    ordered: bool = False

    @abstractmethod
    def value(self, target: Floats, predictions: Floats) -> float:
        """The figure. Raises MetricUndefined."""

    def influence(self, target: Floats, predictions: Floats) -> Floats | None:  # noqa: ARG002 the largest error has none
        """How far each row moves ln(value ** (1/power)), their mean being 0: its delta method."""
        return None

    def weighed(self, target: Floats, predictions: Floats, groups: Integers) -> Weighed:
        """The figure again, each row counted as often as its group's weight says."""
        raise NotImplementedError
