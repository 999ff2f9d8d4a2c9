"""Compares candidate and champion on the same rows: the delta method over paired per-row losses.

Pure. The rule and its symbols stand in `policies.evidence.comparison`; whether a difference is enough is for
the gate to say.
"""

import math

from policies.evidence.comparison import Comparison
from validation.arrays import Floats
from validation.metrics import Metric


def compare(metric: Metric, target: Floats, candidate: Floats, champion: Floats) -> Comparison:
    """Both models' metric over the same rows, and the log of their ratio with its standard error."""
    ours = metric.value(target, candidate)
    theirs = metric.value(target, champion)
    log_ratio = se = None
    if (
        metric.losses is not None
        and ours > 0
        and theirs > 0
        and math.isfinite(ours)
        and math.isfinite(theirs)
    ):
        log_ratio = math.log(ours / theirs)
        se = _standard_error(metric.losses(target, candidate), metric.losses(target, champion), metric.power)
    return Comparison(candidate=ours, champion=theirs, rows=len(target), log_ratio=log_ratio, se=se)


def _standard_error(candidate: Floats, champion: Floats, power: float) -> float | None:
    """`None` for a single row: nothing is known of the spread."""
    if len(candidate) < 2:  # noqa: PLR2004 a spread needs two
        return None
    g = power * (candidate / candidate.mean() - champion / champion.mean())
    return float(g.std(ddof=1) / math.sqrt(len(g)))
