"""Counts by classes: which label was given to which, and what probabilities were given. Pure."""

import numpy as np

from validation.arrays import Floats, Table
from validation.labels import Flags, labelled
from validation.reports.sketch import Given, OfClasses

MOST_LABELS = 20
STEPS = 50
"""Bins of probabilities: a ROC curve of so many points, and calibration by a fifth of them."""


def labels_of(target: Floats) -> Floats:
    """The most frequent labels, in their own order."""
    found, counts = np.unique(target, return_counts=True)
    return np.asarray(np.sort(found[np.argsort(-counts, kind="stable")][:MOST_LABELS]))


def of_classes(target: Floats, predictions: Floats | Table, labels: Floats) -> OfClasses:
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
        given=_given(target, predictions) if predictions.ndim == 1 else None,
        surest=_counted(found == target, predictions.max(axis=1)) if predictions.ndim > 1 else None,
    )


def _given(target: Floats, predictions: Floats) -> Given | None:
    """Probabilities of a 0 or 1; labels alone are none."""
    return _counted(target == 1, predictions) if np.isin(target, (0, 1)).all() else None


def _counted(true: Flags, given: Floats) -> Given | None:
    """What was true of the rows by the probability given; None where figures are no probabilities."""
    if not ((given >= 0) & (given <= 1)).all() or np.isin(given, (0, 1)).all():
        return None
    places = np.minimum(given * STEPS, STEPS - 1).astype(np.int64)
    ones, zeros = (np.bincount(places[each], minlength=STEPS) for each in (true, ~true))
    return Given(ones=tuple(map(int, ones)), zeros=tuple(map(int, zeros)))
