"""Scores: all that was scored, and what every kind of need asks of it.

Pure. What is not there raises Unmeasured with the gap to be told. The champion's failures are the
surroundings': no candidate is rejected for them.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from policies.evidence.gap import Gap
from validation.answers import Failed, Run, Timed
from validation.arrays import Floats
from validation.columns import block, blocks
from validation.holdout import Holdout
from validation.metric import Metric
from validation.metrics import MetricUnknown, metric_of
from validation.trained_on import TrainedOn


class Unmeasured(Exception):
    """A need cannot be met; carries the gap that is its answer."""

    def __init__(self, reason: str, fault: Literal["candidate", "surroundings"] = "surroundings") -> None:
        self.gap = Gap(reason=reason, fault=fault)
        super().__init__(reason)


@dataclass(frozen=True, eq=False)
class Scores:
    """The data sets by name, and both models' answers by table; the rows of both match one by one.

    A data set's own rows are the table of its name; `validation.measuring.kinds` may ask for more tables.
    """

    data: Mapping[str, Holdout | Gap]
    candidate: Run
    champion: Run | None
    takes: frozenset[str] = frozenset()
    """The inputs that the candidate's signature names, if it names any."""
    trained_on: TrainedOn = field(default_factory=TrainedOn)

    def holdout(self, dataset: str) -> Holdout:
        """The rows that are judged on."""
        found = self.data[dataset]
        if isinstance(found, Gap):
            raise Unmeasured(found.reason, found.fault)
        return found

    def predictions(self, table: str) -> Floats:
        """The candidate's, one finite number for each row of a table."""
        found = self.as_they_came(table)
        if why := _not_finite(found):
            raise Unmeasured(f"the candidate {why}", "candidate")
        return found

    def as_they_came(self, table: str) -> Floats:
        """The candidate's, one for each row of a table: NaN and infinities among them."""
        scored = self.candidate.scores[table]
        if isinstance(scored, Failed):
            raise blamed(scored)
        return scored.predictions

    def figures(self, table: str) -> Floats:
        """The candidate's predictions, where a need is of one figure a row."""
        found = self.predictions(table)
        if found.ndim > 1:
            several = f"gave {found.shape[1]} figures a row, and this is of one"
            raise Unmeasured(f"the candidate {several}")
        return found

    def timed(self, calls: str) -> Timed:
        """The candidate's timed calls, by their need's key."""
        found = self.candidate.timings[calls]
        if isinstance(found, Failed):
            raise blamed(found)
        return found

    def champions(self, table: str) -> Floats:
        """The champion's, of a need that is measured against it."""
        if self.champion is None:
            raise Unmeasured("there is no champion to compare with")
        scored = self.champion.scores[table]
        if isinstance(scored, Failed):
            raise Unmeasured(f"the champion could not be scored: it {scored.reason}")
        if why := _not_finite(scored.predictions):
            raise Unmeasured(f"the champion could not be scored: it {why}")
        return scored.predictions


def blamed(failed: Failed) -> Unmeasured:
    """The candidate's own failure, in a sentence."""
    return Unmeasured(f"the candidate {failed.reason}", failed.fault)


def _not_finite(predictions: Floats) -> str:
    """What is said of predictions that no metric can be made of; empty if all are numbers."""
    count, first = 0, -1
    for rows in blocks(len(predictions)):
        some = block(predictions, rows)
        wrong = np.asarray(~np.isfinite(some.reshape(len(some), -1)).all(axis=1))
        if wrong.any():
            first = first if count else rows.start + int(np.argmax(wrong))
            count += int(wrong.sum())
    if not count:
        return ""
    return (
        f"gave {count:,} of {len(predictions):,} predictions that are not finite numbers "
        f"(the first is {predictions[first]}, for row {first + 1:,} of those asked)"
    )


def metric_called(name: str, holdout: Holdout) -> Metric:
    """How a metric is measured on a data set."""
    try:
        return metric_of(name, holdout.classes)
    except MetricUnknown as unknown:
        raise Unmeasured(str(unknown)) from unknown


def finite(metric: str, value: float) -> float:
    """Finite predictions can still be so far off that their squares overflow."""
    if not math.isfinite(value):
        raise Unmeasured(f"the candidate's {metric} is {value}: its predictions are too large", "candidate")
    return value
