"""A metric before and after noise, or missing values, in some columns; the same draw at every validation."""

import zlib
from collections.abc import Mapping

import numpy as np
import pandas as pd

from policies.evidence.disturbance import Disturbance, DisturbanceNeed
from validation.holdout import Holdout
from validation.measuring.columns import numeric, present, taken
from validation.measuring.scores import Scores, Unmeasured, finite, metric_called
from validation.rows import Rows


def tables(need: DisturbanceNeed, holdout: Holdout) -> Mapping[str, Rows]:
    """The rows with every named column disturbed."""
    try:
        changed = {name: _disturbed(name, need, holdout.inputs) for name in need.columns}
    except Unmeasured:
        return {}  # told when the finding is asked for
    return {need.key: holdout.inputs.assign(**changed)}


def disturbance(need: DisturbanceNeed, scores: Scores) -> Disturbance:
    """The metric on both; where not one prediction moved, nothing was tried."""
    holdout = scores.holdout(need.dataset)
    metric = metric_called(need.metric, holdout)
    for name in need.columns:
        taken(name, scores)
        _disturbed(name, need, holdout.inputs)
    plain, disturbed = scores.predictions(need.dataset), scores.predictions(need.key)
    if np.array_equal(plain, disturbed):
        raise Unmeasured(
            f"not one prediction moved when {', '.join(need.columns)} were disturbed: "
            "the model makes nothing of them, or they need more noise"
        )
    return Disturbance(
        before=finite(need.metric, metric.value(holdout.target, plain)),
        after=finite(need.metric, metric.value(holdout.target, disturbed)),
        rows=holdout.rows,
    )


def _disturbed(name: str, need: DisturbanceNeed, inputs: Rows) -> pd.Series:
    """One column, disturbed by a draw of its own: another column beside it changes nothing."""
    draw = np.random.default_rng(zlib.crc32(name.encode()))
    column = numeric(name, inputs) if need.noise else present(name, inputs)
    if need.noise:
        noise = draw.normal(0, need.noise * float(column.std(ddof=0)), len(column))
        noisy = column + noise
        column = noisy.round().astype(column.dtype) if pd.api.types.is_integer_dtype(column) else noisy
    return column.mask(draw.random(len(column)) < need.missing) if need.missing else column
