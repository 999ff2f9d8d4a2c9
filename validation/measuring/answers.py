"""The candidate's predictions as they came, finite or not."""

import numpy as np

from policies.evidence.answers import Answers, AnswersNeed
from validation.measuring.scores import Scores


def answers(need: AnswersNeed, scores: Scores) -> Answers:
    """Counts, and the range of what is finite."""
    scores.holdout(need.dataset)
    found = scores.as_they_came(need.dataset)
    finite = found[np.isfinite(found)]
    return Answers(
        rows=len(found),
        missing=int(np.isnan(found).sum()),
        infinite=int(np.isinf(found).sum()),
        lowest=float(finite.min()) if len(finite) else None,
        highest=float(finite.max()) if len(finite) else None,
    )
