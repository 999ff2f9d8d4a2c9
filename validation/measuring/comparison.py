"""One metric of candidate and champion, on the same rows."""

import math

from policies.evidence.comparison import Comparison, ComparisonNeed
from validation.comparison import compare
from validation.measuring.scores import Scores, Unmeasured, finite, metric_called
from validation.resampling import resampled


def comparison(need: ComparisonNeed, scores: Scores) -> Comparison:
    """Both figures, and how sure their ratio is."""
    holdout = scores.holdout(need.dataset)
    metric = metric_called(need.metric, holdout)
    ours, theirs = scores.predictions(need.dataset), scores.champions(need.dataset)
    found = compare(metric, holdout.target, ours, theirs, days=holdout.days)
    if not math.isfinite(found.champion):
        raise Unmeasured(f"the champion could not be scored: its {need.metric} is {found.champion}")
    finite(need.metric, found.candidate)
    if found.spread is None:
        return found
    places = holdout.inputs.index.to_numpy()
    beside = resampled(metric, holdout.target, (ours, theirs), holdout.days, places)
    return found.model_copy(update={"resampled": beside})
