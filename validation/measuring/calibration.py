"""The expected calibration error (Naeini 2015), over bins of equal width; what chance adds is told beside.

Of two classes, how likely the second is said to be; of several, how likely the one that is called.
"""

import math

import numpy as np

from policies.evidence.calibration import Calibration, CalibrationBin, CalibrationNeed
from validation.arrays import Floats, Table
from validation.labels import binary, chances, columns_known, shares
from validation.measuring.scores import Scores

MEAN_OF_NORMAL = math.sqrt(2 / math.pi)
"""The mean of |x| for a standard normal x."""


def calibration(need: CalibrationNeed, scores: Scores) -> Calibration:
    """Over the bins that have rows."""
    holdout = scores.holdout(need.dataset)
    said, true = said_and_true(holdout.target, scores.predictions(need.dataset))
    place = np.minimum((said * need.bins).astype(np.int64), need.bins - 1)
    rows = np.bincount(place, minlength=need.bins)
    there = np.flatnonzero(rows)
    predicted, came_true, spread = (
        np.bincount(place, weights=each, minlength=need.bins)[there] / rows[there]
        for each in (said, true, said * (1 - said))
    )
    share = rows[there] / len(said)
    return Calibration(
        error=float(share @ np.abs(predicted - came_true)),
        by_chance=float(share @ (MEAN_OF_NORMAL * np.sqrt(spread / rows[there]))),
        rows=len(said),
        bins=tuple(
            CalibrationBin(low=low, high=high, rows=count, predicted=mean, came_true=right)
            for low, high, count, mean, right in zip(
                (there / need.bins).tolist(),
                ((there + 1) / need.bins).tolist(),
                rows[there].tolist(),
                predicted.tolist(),
                came_true.tolist(),
                strict=True,
            )
        ),
    )


def said_and_true(target: Floats, predictions: Floats | Table) -> tuple[Floats, Floats]:
    """A probability for each row, and whether it came true. Raises MetricUndefined for no probabilities."""
    if predictions.ndim > 1 and predictions.shape[1] > 2:  # noqa: PLR2004 of two, one says all
        columns_known(target, predictions)
        likely = shares("calibration", predictions)
        return np.asarray(likely.max(axis=1)), (likely.argmax(axis=1) == target).astype(np.float64)
    return chances("calibration", predictions), binary("calibration", target).astype(np.float64)
