"""Metric: what every metric answers, and how much each row had to do with it."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Literal

from validation.arrays import Floats, Integers, Table

Losses = Callable[[Floats, Floats | Table], Floats]
"""(target, predictions) -> what each row costs. Raises MetricUndefined."""

Weighed = Callable[[Table], Floats]
"""Values of a metric for weights of shape (resamples, groups), one each."""


class MetricUndefined(Exception):
    """These rows have no value of this metric, or these predictions are not what it is of.

    `fault` as in `policies.evidence.gap`; of a comparison's other side it is the surroundings'.
    """

    def __init__(self, reason: str, fault: Literal["candidate", "surroundings"] = "surroundings") -> None:
        super().__init__(reason)
        self.fault = fault


class Metric(ABC):
    """One figure of predictions against the target.

    Predictions have the shape (rows,), or (rows, classes); which a metric is of, it says itself. `power` is
    what the mean behind it is taken to: 1/2 for RMSE. `counts` says that it counts rows, right or wrong, so
    that rows of a kind that was never seen yet could still come. `ordered` says that it goes by the order of
    all rows, so that they cannot be summed up by group. `resamples` says how many resamples tell the spread
    of a metric without influences; 0 where none can. `losses` is what a row costs, where the figure is the
    mean of that and knows of nothing else, or, if `largest`, the largest: then rows can be judged block by
    block.
    """

    power: float = 1.0
    counts: bool = False
    resamples: int = 0
    ordered: bool = False
    losses: Losses | None = None
    largest: bool = False

    @abstractmethod
    def value(self, target: Floats, predictions: Floats | Table) -> float:
        """The figure. Raises MetricUndefined."""

    def influence(self, target: Floats, predictions: Floats | Table) -> Floats | None:  # noqa: ARG002 the largest error has none
        """How far each row moves ln(value ** (1/power)), their mean being 0: its delta method."""
        return None

    def weighed(self, target: Floats, predictions: Floats | Table, groups: Integers) -> Weighed:
        """The figure again, each row counted as often as its group's weight says."""
        raise NotImplementedError
