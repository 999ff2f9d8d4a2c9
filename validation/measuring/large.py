"""Hold-outs of many rows on one machine: what can be had block by block is, and little is held meanwhile."""

from collections.abc import Callable, Mapping, Sequence

from policies.evidence.kinds import Finding
from policies.evidence.need import DataNeed, Need
from validation.arrays import Floats
from validation.blockwise.answers import AnswersAsked
from validation.blockwise.asked import columns_asked, question_of
from validation.blockwise.block import blocks_of
from validation.blockwise.passes import findings
from validation.blockwise.question import Question
from validation.blockwise.tally import added_up
from validation.columns import LARGE
from validation.holdout import Holdout
from validation.measuring.scores import Scores, Unmeasured


def large_findings(needs: Sequence[Need], scores: Scores, large: int = LARGE) -> dict[str, Finding]:
    """On hold-outs of more than `large` rows; whatever is not in it is to be measured of all rows at once."""
    found: dict[str, Finding] = {}
    asked = [need for need in needs if isinstance(need, DataNeed)]
    for dataset in dict.fromkeys(need.dataset for need in asked):
        holdout = scores.data[dataset]
        if isinstance(holdout, Holdout) and holdout.rows > large:
            found |= _of_holdout([need for need in asked if need.dataset == dataset], holdout, scores)
    return found


def _of_holdout(needs: Sequence[DataNeed], holdout: Holdout, scores: Scores) -> Mapping[str, Finding]:
    """Where a model failed, nothing: that is told like that of any hold-out."""
    ours, whole = (_answers(ask, holdout) for ask in (scores.as_they_came, scores.predictions))
    against = any(need.against_champion for need in needs)
    theirs = _answers(scores.champions, holdout) if against and whole is not None else None
    dated = holdout.days is not None
    all_asked = (question_of(need, holdout.rows, holdout.classes, dated=dated) for need in needs)
    questions = [each for each in all_asked if each is not None and _can_be(each, whole, theirs)]
    if ours is None or not questions:
        return {}
    columns = sorted(columns_asked(questions))
    return findings(questions, lambda count: added_up(map(count, blocks_of(holdout, ours, theirs, columns))))


def _can_be(question: Question, whole: Floats | None, theirs: Floats | None) -> bool:
    if isinstance(question, AnswersAsked):
        return True
    return whole is not None and (not question.need.against_champion or theirs is not None)


def _answers(ask: Callable[[str], Floats], holdout: Holdout) -> Floats | None:
    try:
        return ask(holdout.name)
    except Unmeasured:
        return None
