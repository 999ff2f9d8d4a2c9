"""What each row costs, by the losses that metrics are means of. Pure."""

import numpy as np

from validation.arrays import Floats, Table
from validation.labels import binary, probabilities
from validation.metric import MetricUndefined


def squared(target: Floats, predictions: Floats) -> Floats:
    """In the target's unit, squared; infinite where that overflows."""
    with np.errstate(over="ignore"):
        return np.square(predictions - target)


def absolute(target: Floats, predictions: Floats) -> Floats:
    """In the target's unit."""
    return np.abs(predictions - target)


def relative(target: Floats, predictions: Floats) -> Floats:
    """As a fraction of the target. Raises MetricUndefined where that is 0."""
    zeros = int((target == 0).sum())
    if zeros:
        raise MetricUndefined(f"mape divides by the target, which is 0 in {zeros:,} of {len(target):,} rows")
    return np.abs((predictions - target) / target)


def against_the_mean(target: Floats, predictions: Floats) -> tuple[Table, Table]:
    """The model's squared errors, and the target's mean's. Raises MetricUndefined for equal targets."""
    spread = np.square(target - target.mean())
    if not spread.any():
        raise MetricUndefined("r2 compares with the target's spread, and all targets are equal")
    return squared(target, predictions)[None, :], spread[None, :]


def log_loss(target: Floats, predictions: Floats) -> Floats:
    """-ln of the probability given to what came true; one of 0 counts as the smallest step above it."""
    true = binary("log_loss", target)
    least = np.finfo(np.float64).eps
    given = np.clip(probabilities("log_loss", predictions), least, 1 - least)
    return -np.log(np.where(true, given, 1 - given))


def brier(target: Floats, predictions: Floats) -> Floats:
    """The squared distance of the probability from what came true."""
    return squared(binary("brier", target).astype(np.float64), probabilities("brier", predictions))
