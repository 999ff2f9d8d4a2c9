"""Classes: which rows were answered right, by class. Pure.

Labels are numbers. Where all targets are 0 or 1, a prediction between them is the probability of 1, and
counts as 1 from a half on.
"""

import numpy as np
from numpy.typing import NDArray

from validation.arrays import Floats, Table
from validation.metric import MetricUndefined

MOST_CLASSES = 1000
Flags = NDArray[np.bool_]
"""Shape (rows,)."""


def hits(target: Floats, predictions: Floats) -> tuple[Table, Table]:
    """Rows answered right, of all rows."""
    right = (target == labelled(target, predictions)).astype(np.float64)[None, :]
    return right, np.ones_like(right)


def hits_by_class(target: Floats, predictions: Floats) -> tuple[Table, Table]:
    """Rows of each class in the target: those answered right, of all."""
    found = labelled(target, predictions)
    classes = _classes(target)[:, None]
    true = (target == classes).astype(np.float64)
    return true * (found == classes), true


def f1_by_class(target: Floats, predictions: Floats) -> tuple[Table, Table]:
    """F1 of each class that is in the target or was predicted."""
    found = labelled(target, predictions)
    classes = _classes(np.concatenate([target, found]))[:, None]
    return _f1(target == classes, found == classes)


def precision(target: Floats, predictions: Floats) -> tuple[Table, Table]:
    """Rows that are 1, of those called 1."""
    true, called = _true_and_called("precision", target, predictions)
    return _tables(true & called, called)


def recall(target: Floats, predictions: Floats) -> tuple[Table, Table]:
    """Rows called 1, of those that are 1."""
    true, called = _true_and_called("recall", target, predictions)
    return _tables(true & called, true)


def f1(target: Floats, predictions: Floats) -> tuple[Table, Table]:
    """The harmonic mean of both."""
    true, called = _true_and_called("f1", target, predictions)
    return _f1(true[None, :], called[None, :])


def labelled(target: Floats, predictions: Floats) -> Floats:
    """Predictions as labels: probabilities of a 0 or 1 are rounded, a half up; all else is as it is."""
    two = np.isin(target, (0, 1)).all() and ((predictions >= 0) & (predictions <= 1)).all()
    return (predictions >= 0.5).astype(np.float64) if two else predictions  # noqa: PLR2004 the field's threshold


def binary(metric: str, target: Floats) -> Flags:
    """Which targets are 1. Raises MetricUndefined if any is neither 0 nor 1."""
    other = ~np.isin(target, (0, 1))
    if other.any():
        raise MetricUndefined(f"{metric} is of targets 0 and 1, and one is {target[other][0]:g}")
    return np.asarray(target == 1)


def probabilities(metric: str, predictions: Floats) -> Floats:
    """The predictions. Raises MetricUndefined if any is no probability."""
    other = (predictions < 0) | (predictions > 1)
    if other.any():
        raise MetricUndefined(
            f"{metric} is of probabilities, and a model predicted {predictions[other][0]:g}"
        )
    return predictions


def _true_and_called(metric: str, target: Floats, predictions: Floats) -> tuple[Flags, Flags]:
    true = binary(metric, target)
    if not true.any():
        raise MetricUndefined(f"{metric} is of the rows whose target is 1, and there are none")
    return true, probabilities(metric, predictions) >= 0.5  # noqa: PLR2004 the field's threshold


def _classes(labels: Floats) -> Floats:
    classes = np.unique(labels)
    if len(classes) > MOST_CLASSES:
        raise MetricUndefined(f"more than {MOST_CLASSES:,} classes: these are no labels, but figures")
    return classes


def _f1(true: Table | Flags, called: Table | Flags) -> tuple[Table, Table]:
    both = true.astype(np.float64) * called
    return 2 * both, true.astype(np.float64) + called


def _tables(top: Flags, bottom: Flags) -> tuple[Table, Table]:
    return top.astype(np.float64)[None, :], bottom.astype(np.float64)[None, :]
