"""Counts by classes: which label was given to which, and what probabilities were given. Pure."""

import numpy as np

from validation.arrays import Floats
from validation.labels import labelled
from validation.reports.sketch import Given, OfClasses

MOST_LABELS = 20
STEPS = 50
"""Bins of probabilities: a ROC curve of so many points, and calibration by a fifth of them."""


def labels_of(target: Floats) -> Floats:
    """The most frequent labels, in their own order."""
    found, counts = np.unique(target, return_counts=True)
    return np.asarray(np.sort(found[np.argsort(-counts, kind="stable")][:MOST_LABELS]))


def of_classes(target: Floats, predictions: Floats, labels: Floats) -> OfClasses:
    """One model's answers by label."""
    found = labelled(target, predictions)
    actual, told = (np.searchsorted(labels, each).clip(max=len(labels) - 1) for each in (target, found))
    known = (labels[actual] == target) & (labels[told] == found)
    flat = np.bincount(actual[known] * len(labels) + told[known], minlength=len(labels) ** 2)
    counts = flat.reshape(len(labels), len(labels))
    return OfClasses(
        labels=tuple(map(float, labels)),
        counts=tuple(tuple(map(int, row)) for row in counts),
        elsewhere=int((~known).sum()),
        given=_given(target, predictions),
    )


def _given(target: Floats, predictions: Floats) -> Given | None:
    """Probabilities of a 0 or 1; labels alone are none."""
    if not np.isin(target, (0, 1)).all() or ((predictions < 0) | (predictions > 1)).any():
        return None
    if np.isin(predictions, (0, 1)).all():
        return None
    places = np.minimum(predictions * STEPS, STEPS - 1).astype(np.int64)
    ones, zeros = (np.bincount(places[target == truth], minlength=STEPS) for truth in (1, 0))
    return Given(ones=tuple(map(int, ones)), zeros=tuple(map(int, zeros)))
