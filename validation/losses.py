"""What each row costs, by the losses that metrics are means of. Pure."""

import numpy as np

from validation.arrays import Floats, Table
from validation.labels import binary, chances, columns_known, shares
from validation.metric import MetricUndefined


def squared(target: Floats, predictions: Floats | Table) -> Floats:
    """In the target's unit, squared; infinite where that overflows."""
    with np.errstate(over="ignore"):
        return np.square(one_each(predictions) - target)


def absolute(target: Floats, predictions: Floats | Table) -> Floats:
    """In the target's unit."""
    return np.abs(one_each(predictions) - target)


def relative(target: Floats, predictions: Floats | Table) -> Floats:
    """As a fraction of the target. Raises MetricUndefined where that is 0."""
    if (target == 0).any():
        raise MetricUndefined("mape divides by the target, which is 0 in some rows")
    return np.abs((one_each(predictions) - target) / target)


def against_the_mean(target: Floats, predictions: Floats | Table) -> tuple[Table, Table]:
    """The model's squared errors, and the target's mean's. Raises MetricUndefined for equal targets."""
    spread = np.square(target - target.mean())
    if not spread.any():
        raise MetricUndefined("r2 compares with the target's spread, and all targets are equal")
    return squared(target, predictions)[None, :], spread[None, :]


def one_each(predictions: Floats | Table) -> Floats:
    """Predictions of figures. Raises MetricUndefined where there are several a row: the model's fault."""
    if predictions.ndim > 1:
        given = predictions.shape[1]
        raise MetricUndefined(f"one figure a row is needed, and a model gave {given}", "candidate")
    return predictions


def log_loss(target: Floats, predictions: Floats | Table) -> Floats:
    """-ln of the probability given to what came true; one of 0 counts as the smallest step above it."""
    least = np.finfo(np.float64).eps
    if predictions.ndim > 1:
        columns_known(target, predictions)
        given = shares("log_loss", predictions)[np.arange(len(target)), target.astype(np.int64)]
        return -np.log(np.clip(given, least, 1 - least))
    true = binary("log_loss", target)
    given = np.clip(chances("log_loss", predictions), least, 1 - least)
    return -np.log(np.where(true, given, 1 - given))


def brier(target: Floats, predictions: Floats | Table) -> Floats:
    """The squared distance of the probability from what came true; of several classes, added up over all."""
    if predictions.ndim > 1 and predictions.shape[1] != 2:  # noqa: PLR2004 of two, one says all
        columns_known(target, predictions)
        true = target[:, None] == np.arange(predictions.shape[1])
        return np.asarray(np.square(shares("brier", predictions) - true).sum(axis=1))
    return squared(binary("brier", target).astype(np.float64), chances("brier", predictions))
