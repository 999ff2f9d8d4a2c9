"""How long the candidate took to load, if it did and answered."""

from policies.evidence.loading import Loading, LoadNeed
from validation.answers import Failed
from validation.measuring.scores import Scores, blamed


def loading(_: LoadNeed, scores: Scores) -> Loading:
    """As its run says."""
    found = scores.candidate.loading
    if isinstance(found, Failed):
        raise blamed(found)
    return Loading(seconds=found.seconds, answered=found.answered)
