"""A reviewer's vote: the one door for the command line now and for pages and chats later.

The vote is bound to the evidence and policy text of the decision that asks for it. Whether it is enough is
decided by the workers, by the same rules.
"""

from datetime import datetime

from sqlalchemy import Engine

from ledger import approvals, judgements, work
from ledger.engine import writing
from ledger.judgements import Judgement
from policies.approvals import may_vote, same_person
from policies.book import PolicyBook
from policies.verdicts import Answer, Approval, Vote


class VoteRefused(Exception):
    """This person cannot vote on this version, or nothing waits for a vote; the sentence says why."""


class NotJudged(Exception):
    """The version was not judged yet, so there is nothing to vote on: try again when it was."""


def vote(
    ledger: Engine,
    book: PolicyBook,
    *,
    model: str,
    version: int,
    approval: tuple[str, Vote, str],
    now: datetime,
) -> Judgement:
    """Record `(reviewer, vote, comment)` and ask for a look; the decision it was given for comes back.

    Raises VoteRefused, NotJudged, LedgerUnavailable.
    """
    reviewer, said, comment = approval
    with writing(ledger) as session:
        judgement = judgements.latest(session, model, version)
        if judgement is None:
            raise NotJudged(f"{model} {version} has not been judged yet")
        authors = judgements.evidence_of(session, judgement).candidate.authors
        _check(book, judgement, reviewer.strip(), authors)
        evaluation = judgement.evaluation
        given = Approval(
            reviewer=reviewer.strip(),
            vote=said,
            comment=comment,
            evidence_digest=evaluation.evidence_digest,
            policy_digest=evaluation.policy_digest,
            at=now,
        )
        approvals.add(session, model, version, given)
        work.ring(session, model, version, now)
    return judgement


def _check(book: PolicyBook, judgement: Judgement, reviewer: str, authors: frozenset[str]) -> None:
    model, version = judgement.model, judgement.version
    if not reviewer:
        raise VoteRefused("say who you are: --as NAME")
    decision = judgement.decision
    waits_for_time = decision.answer is Answer.HOLD and decision.until is not None
    if decision.answer is not Answer.ASK and not waits_for_time:
        why = "; ".join(decision.reasons)
        raise VoteRefused(f"{model} {version} waits for nobody: {decision.answer} ({why})")
    if same_person(reviewer) in {same_person(author) for author in authors}:
        raise VoteRefused(f"{reviewer} made {model} {version}, and nobody approves their own version")
    policy = book.by_digest(judgement.evaluation.policy_digest)
    rule = policy.rule_from(judgement.evaluation.transition.from_stage) if policy else None
    if rule is None:
        raise VoteRefused(
            f"the policy of {model} has changed since {version} was judged: it is judged anew first"
        )
    if not may_vote(same_person(reviewer), rule.approvals, book.groups):
        asked = ", ".join(map(str, rule.approvals))
        raise VoteRefused(f"{reviewer} is in none of the groups that are asked: {asked}")
