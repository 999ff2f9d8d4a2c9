"""Classes: which rows were answered right, by class. Pure.

A target is a class by its number. Predictions of shape (rows,) are such numbers too, or, where all targets
are 0 or 1, the probability of 1, which counts as 1 from a half on. Of shape (rows, classes) they are
probabilities, or other scores, of each class in order; the largest one is the answer.
"""

import numpy as np
from numpy.typing import NDArray

from validation.arrays import Floats, Table
from validation.metric import MetricUndefined

MOST_CLASSES = 1000
NEAR_ONE = 1e-3
"""How far the probabilities of a row may add up to something else than 1: they may be of few bits."""
Flags = NDArray[np.bool_]
"""Shape (rows,)."""


def hits(target: Floats, predictions: Floats | Table) -> tuple[Table, Table]:
    """Rows answered right, of all rows."""
    right = (target == labelled(target, predictions)).astype(np.float64)[None, :]
    return right, np.ones_like(right)


def hits_by_class(target: Floats, predictions: Floats | Table) -> tuple[Table, Table]:
    """Rows of each class in the target: those answered right, of all."""
    found = labelled(target, predictions)
    classes = _classes(target)[:, None]
    true = (target == classes).astype(np.float64)
    return true * (found == classes), true


def by_class(target: Floats, predictions: Floats | Table) -> tuple[Table, Table]:
    """Which rows are of each class that is in the target or was predicted, and which were called so."""
    found = labelled(target, predictions)
    classes = _classes(np.concatenate([target, found]))[:, None]
    return (target == classes).astype(np.float64), (found == classes).astype(np.float64)


def precision_of(true: Table, called: Table) -> tuple[Table, Table]:
    """Rows that are of a class, of those called so."""
    return true * called, called


def recall_of(true: Table, called: Table) -> tuple[Table, Table]:
    """Rows called by a class, of those that are of it."""
    return true * called, true


def f1_of(true: Table, called: Table) -> tuple[Table, Table]:
    """The harmonic mean of both."""
    return 2 * true * called, true + called


def true_and_called(
    metric: str, place: int | None, target: Floats, predictions: Floats | Table
) -> tuple[Table, Table]:
    """Rows that are of one class, and those called so, each of shape (1, rows); None: of class 1, of two."""
    if place is None:
        true, place = binary(metric, target), 1
        if predictions.ndim == 1:
            chances(metric, predictions)
    else:
        true = np.asarray(target == place)
    if not true.any():
        what = "whose target is 1" if place is None or metric.find(" of ") < 0 else "of its class"
        raise MetricUndefined(f"{metric} is of the rows {what}, and there are none")
    called = labelled(target, predictions) == place
    return true.astype(np.float64)[None, :], called.astype(np.float64)[None, :]


def labelled(target: Floats, predictions: Floats | Table) -> Floats:
    """Predictions as labels: of several scores the largest; a probability of 1 is rounded, a half up."""
    if predictions.ndim == 2:  # noqa: PLR2004 rows and classes
        columns_known(target, predictions)
        return np.asarray(predictions.argmax(axis=1), dtype=np.float64)
    two = np.isin(target, (0, 1)).all() and ((predictions >= 0) & (predictions <= 1)).all()
    return (predictions >= 0.5).astype(np.float64) if two else predictions  # noqa: PLR2004 the field's threshold


def columns_known(target: Floats, predictions: Table) -> None:
    """Raises MetricUndefined where no class is the column's number, so that nobody knows which is whose."""
    columns = predictions.shape[1]
    other = ~np.isin(target, np.arange(columns))
    if other.any():
        raise MetricUndefined(
            f"a model gave {columns} figures a row, and which is of the class {target[other][0]:g} cannot be "
            "known: write classes: [...] in the data set, in their order"
        )


def binary(metric: str, target: Floats) -> Flags:
    """Which targets are 1. Raises MetricUndefined if any is neither 0 nor 1."""
    other = ~np.isin(target, (0, 1))
    if other.any():
        raise MetricUndefined(f"{metric} is of targets 0 and 1, and one is {target[other][0]:g}")
    return np.asarray(target == 1)


def chances(metric: str, predictions: Floats | Table) -> Floats:
    """The probability of class 1, of shape (rows,). Raises MetricUndefined if these are none."""
    if predictions.ndim == 2:  # noqa: PLR2004 rows and classes
        if predictions.shape[1] != 2:  # noqa: PLR2004 classes
            what = f"and a model gave probabilities of {predictions.shape[1]}"
            raise MetricUndefined(f"{metric} is of two classes, {what}")
        return np.asarray(shares(metric, predictions)[:, 1])
    other = (predictions < 0) | (predictions > 1)
    if other.any():
        raise MetricUndefined(
            f"{metric} is of probabilities, and a model predicted {predictions[other][0]:g}"
        )
    return predictions


def shares(metric: str, predictions: Table) -> Table:
    """Probabilities of all classes. Raises MetricUndefined where those of a row do not add up to 1."""
    wrong = (predictions < 0).any(axis=1) | (np.abs(predictions.sum(axis=1) - 1) > NEAR_ONE)
    if wrong.any():
        row = ", ".join(f"{figure:.3g}" for figure in predictions[wrong][0][:5])
        what = f"and those of one row were {row}, which do not add up to 1"
        raise MetricUndefined(f"{metric} is of probabilities, {what}")
    return predictions


def _classes(labels: Floats) -> Floats:
    classes = np.unique(labels)
    if len(classes) > MOST_CLASSES:
        raise MetricUndefined(f"more than {MOST_CLASSES:,} classes: these are no labels, but figures")
    return classes
