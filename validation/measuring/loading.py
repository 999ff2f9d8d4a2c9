"""How long the candidate took to load, if it did and answered."""

from policies.evidence.loading import Loading, LoadNeed
from validation.answers import Failed
from validation.measuring.scores import Scores, blamed


def loading(_: LoadNeed, scores: Scores) -> Loading:
    """As its run says; whoever does not answer alike again has not answered."""
    found = scores.candidate.loading
    if isinstance(found, Failed):
        raise blamed(found)
    for dataset in scores.data:
        scores.must_be_steady(dataset)
    return Loading(seconds=found.seconds, answered=found.answered)
