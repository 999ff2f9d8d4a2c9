"""The candidate's predictions as they came, finite or not."""

import numpy as np

from policies.evidence.answers import Answers, AnswersNeed
from validation.measuring.scores import Scores


def answers(need: AnswersNeed, scores: Scores) -> Answers:
    """Rows with anything missing or infinite in them, and the range of what is finite."""
    scores.holdout(need.dataset)
    found = scores.as_they_came(need.dataset)
    missing, infinite = (
        each.reshape(len(found), -1).any(axis=1) for each in (np.isnan(found), np.isinf(found))
    )
    finite = found[np.isfinite(found)]
    return Answers(
        rows=len(found),
        missing=int(missing.sum()),
        infinite=int((infinite & ~missing).sum()),
        lowest=float(finite.min()) if len(finite) else None,
        highest=float(finite.max()) if len(finite) else None,
    )
