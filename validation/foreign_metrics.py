"""Metrics that others compute: scikit-learn's scorers by name, and a team's own functions.

They have no influences, so their spread is told by resamples, each of which computes them anew.
"""

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from policies.own_metrics import RAISED, OwnMetric
from policies.scorers import PREFIX, SMALLER
from validation.arrays import Floats, Integers, Table
from validation.labels import labelled
from validation.metric import Metric, MetricUndefined, Weighed

RESAMPLES = 200
BY_ONE_ROW = ("max_error",)
"""Losses that a single row decides, of whose spread resamples say nothing."""


@dataclass(frozen=True)
class Foreign(Metric):
    """A metric that can only be computed as a whole."""

    name: str
    resamples: int = RESAMPLES
    ordered: bool = True

    def value(self, target: Floats, predictions: Floats | Table) -> float:
        """Raises MetricUndefined with what the other's code raised."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                value = float(self._computed(target, predictions))
        except RAISED as error:
            said = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
            raise MetricUndefined(f"{self.name} could not be computed: {said}") from error
        if math.isnan(value):
            raise MetricUndefined(f"{self.name} has no value on these rows")
        return value

    def weighed(self, target: Floats, predictions: Floats | Table, groups: Integers) -> Weighed:
        """Repeats rows as often as their group weighs; weights are whole numbers."""

        def values(weights: Table) -> Floats:
            counts = weights[:, groups].astype(np.int64)
            return np.array([self._of(target, predictions, each) for each in counts])

        return values

    def _of(self, target: Floats, predictions: Floats | Table, counts: Integers) -> float:
        rows = np.repeat(np.arange(len(target)), counts)
        try:
            return self.value(target[rows], predictions[rows])
        except MetricUndefined:
            return math.nan  # such as a resample without one of the classes

    def _computed(self, target: Floats, predictions: Floats | Table) -> float:
        raise NotImplementedError


@dataclass(frozen=True)
class Own(Foreign):
    """A team's own function."""

    metric: OwnMetric | None = None

    def _computed(self, target: Floats, predictions: Floats | Table) -> float:
        assert self.metric is not None, "made with one"
        return self.metric.value(target.copy(), predictions.copy())


@dataclass(frozen=True)
class Scorer(Foreign):
    """One of scikit-learn's, asked about answers that are there already."""

    def _computed(self, target: Floats, predictions: Floats | Table) -> float:
        from sklearn.metrics import get_scorer

        plain = self.name.removeprefix(PREFIX)
        turned = plain in SMALLER
        scorer = get_scorer(f"neg_{plain}" if turned else plain)
        value = float(scorer(_answered(target, predictions), np.arange(len(target)), target))
        return -value if turned else value


def scorer(name: str) -> Foreign:
    """By its name in a policy."""
    return Scorer(name, resamples=0 if name.removeprefix(PREFIX) in BY_ONE_ROW else RESAMPLES)


def _answered(target: Floats, predictions: Floats | Table) -> Any:
    """A model, as scikit-learn knows them, that has answered already."""
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

    whole = np.isin(target, np.arange(1000)).all()
    kind = ClassifierMixin if predictions.ndim > 1 or whole else RegressorMixin

    class Answered(kind, BaseEstimator):  # type: ignore[misc, valid-type]
        """Asked for rows by their places."""

        def __sklearn_is_fitted__(self) -> bool:
            return True

        def predict(self, rows: Integers) -> Floats:
            """Labels, or figures."""
            return labelled(target, predictions)[rows] if kind is ClassifierMixin else predictions[rows]

        if kind is ClassifierMixin:
            classes_ = np.arange(predictions.shape[1] if predictions.ndim > 1 else 2, dtype=np.float64)

            def predict_proba(self, rows: Integers) -> Table:
                """Of each class in order."""
                if predictions.ndim > 1:
                    return predictions[rows]
                return np.stack([1 - predictions, predictions], axis=1)[rows]

    return Answered()
