"""Baselines of our own: the mean, or a line through one column, each fitted on the hold-out itself.

Without cheating: the rows are dealt into five folds in turn, and each is predicted by what was fitted on the
other four. So no row's target helps to predict it, and the same data gives the same baseline.
"""

import re
from typing import Final

import numpy as np
import pandas as pd

from policies.evidence.baseline import BaselineNeed
from policies.evidence.comparison import Comparison
from validation.arrays import Floats
from validation.comparison import compare
from validation.holdout import Holdout
from validation.measuring.columns import numeric
from validation.measuring.scores import Scores, Unmeasured, finite, metric_called
from validation.rows import Rows

FOLDS: Final = 5
_UNIT: Final = r"_[A-Za-z0-9]+"


def baseline(need: BaselineNeed, scores: Scores) -> Comparison:
    """The candidate against the baseline on the same rows."""
    holdout = scores.holdout(need.dataset)
    metric = metric_called(need.metric, holdout)
    simple = _predictions(need, holdout)
    found = compare(metric, holdout.target, scores.predictions(need.dataset), simple, days=holdout.days)
    finite(need.metric, found.candidate)
    return found


def _predictions(need: BaselineNeed, holdout: Holdout) -> Floats:
    if holdout.rows < 2 * FOLDS:
        raise Unmeasured(f"{need.baseline} cannot be fitted on {holdout.rows} rows; {2 * FOLDS} are needed")
    x = np.zeros(holdout.rows)
    if need.column is not None:
        x = _column(need.column, holdout.inputs).to_numpy(dtype=np.float64, na_value=np.nan)
    simple = np.empty(holdout.rows)
    fold_of = np.arange(holdout.rows) % FOLDS
    for fold in range(FOLDS):
        held = fold_of == fold
        simple[held] = _fitted(x[~held], holdout.target[~held], x[held])
    return simple


def _column(name: str, inputs: Rows) -> pd.Series:
    """The column of this name; or else the only one that is this name and a unit, as distance_km."""
    with_unit = [str(each) for each in inputs.columns if re.fullmatch(re.escape(name) + _UNIT, str(each))]
    if name not in inputs and len(with_unit) > 1:
        raise Unmeasured(f"'{name}' may mean {' or '.join(with_unit)}: name one of them")
    return numeric(with_unit[0] if name not in inputs and with_unit else name, inputs)


def _fitted(x: Floats, y: Floats, asked: Floats) -> Floats:
    """The least-squares line at `asked`; the mean where there is no x to go by, or no slope to be had."""
    known = np.isfinite(x)
    mean = float(y.mean())
    if not known.any() or np.ptp(x[known]) == 0:
        return np.full(len(asked), mean)
    center, level = x[known].mean(), y[known].mean()
    away = x[known] - center
    slope = float(away @ (y[known] - level) / (away @ away))
    return np.where(np.isfinite(asked), level + slope * (asked - center), mean)
