"""Turns what was scored into findings: a value, or a Gap that says whose fault its absence is.

Pure. The champion's failures are the surroundings': no candidate is rejected for them.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from policies.evidence import Comparison, ComparisonNeed, Gap, Loading, Measurement, MetricNeed
from validation.answers import Failed, Run
from validation.arrays import Floats
from validation.comparison import compare
from validation.holdout import Holdout
from validation.metrics import METRICS, Metric, MetricUndefined


@dataclass(frozen=True, eq=False)
class Scores:
    """All that was scored: the same rows by both models, where there was a champion to run."""

    data: Mapping[str, Holdout | Gap]
    candidate: Run
    champion: Run | None


def finding_of_loading(scores: Scores) -> Loading | Gap:
    """How long the candidate took to load, if it did and answered."""
    loading = scores.candidate.loading
    if isinstance(loading, Failed):
        return _candidates(loading)
    return Loading(seconds=loading.seconds, answered=loading.answered)


def finding_of_metric(need: MetricNeed, scores: Scores) -> Measurement | Gap:
    """One metric of the candidate."""
    found = _found(need, scores)
    if isinstance(found, Gap):
        return found
    metric, holdout, predictions = found
    try:
        value = metric.value(holdout.target, predictions)
    except MetricUndefined as undefined:
        return Gap(reason=str(undefined))
    return _not_finite(need, value) or Measurement(value=value, rows=holdout.rows)


def finding_of_comparison(need: ComparisonNeed, scores: Scores) -> Comparison | Gap:
    """One metric of both models."""
    found = _found(need, scores)
    if isinstance(found, Gap):
        return found
    metric, holdout, ours = found
    if scores.champion is None:
        return Gap(reason="there is no champion to compare with")
    theirs = scores.champion.scores[need.dataset]
    if isinstance(theirs, Failed):
        return Gap(reason=f"the champion could not be scored: it {theirs.reason}")
    try:
        comparison = compare(metric, holdout.target, ours, theirs.predictions)
    except MetricUndefined as undefined:
        return Gap(reason=str(undefined))
    if not math.isfinite(comparison.champion):
        return Gap(reason=f"the champion could not be scored: its {need.metric} is {comparison.champion}")
    return _not_finite(need, comparison.candidate) or comparison


def _found(need: MetricNeed | ComparisonNeed, scores: Scores) -> tuple[Metric, Holdout, Floats] | Gap:
    """The metric, the rows, the candidate's predictions: or the first of them that is missing."""
    if need.metric not in METRICS:
        return Gap(reason=f"cannot measure {need.metric} yet; measured are {', '.join(METRICS)}")
    holdout = scores.data[need.dataset]
    if isinstance(holdout, Gap):
        return holdout
    scored = scores.candidate.scores[need.dataset]
    if isinstance(scored, Failed):
        return _candidates(scored)
    return METRICS[need.metric], holdout, scored.predictions


def _candidates(failed: Failed) -> Gap:
    return Gap(reason=f"the candidate {failed.reason}", fault=failed.fault)


def _not_finite(need: MetricNeed | ComparisonNeed, value: float) -> Gap | None:
    """Finite predictions can still be so far off that their squares overflow."""
    if math.isfinite(value):
        return None
    return Gap(
        reason=f"the candidate's {need.metric} is {value}: its predictions are too large", fault="candidate"
    )
