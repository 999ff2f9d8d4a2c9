"""What follows a broken glass: a promotion over the gate's head, by the same lock and moves as any promotion.

Whatever gates and reviewers say, a person whom the policy names has decided, and said why; all are told.
"""

from datetime import datetime
from itertools import chain

from sqlalchemy.orm import Session

from ledger import approvals, holds, judgements
from ledger.approvals import Numbered
from ledger.engine import reading, writing
from ledger.judgements import Judgement
from notifications.announce import render_override
from notifications.render import render_problem
from policies.acts import glass_refusal
from policies.approvals import is_author
from policies.book import PolicyBook
from policies.break_glass import LASTS
from policies.evidence.evidence import Evidence
from policies.language import Policy, Rule
from policies.people import Person, Route
from policies.verdicts import Answer, Decision, Transition, Vote
from registry.words import ModelVersion, Stage, VersionFacts
from workers.apply import apply
from workers.case import case_of, facts
from workers.errors import WorldChanged
from workers.gatekeeper import Gatekeeper
from workers.messages import OWNERS, REVIEWERS, tell_once
from workers.plans import plan, write_down


def carry_out(keeper: Gatekeeper, book: PolicyBook, policy: Policy, version: ModelVersion) -> bool:
    """Promote a version as somebody has decided over the gate's head; False where nobody has.

    Raises what `apply` raises.
    """
    rule = policy.rule_to(Stage.PRODUCTION)
    with reading(keeper.ledger) as session:
        asked = _open(session, version, keeper.now())
        if asked is None:
            return False
        held = holds.in_force(session, version.name)
        before = judgements.latest(session, version.name, version.version)
    if held or rule is None or version.stage is Stage.PRODUCTION:
        return False
    candidate = facts(keeper.registry, version)
    if why := _impossible(book, policy, asked, candidate):
        report(keeper, version.name, version.version, why)
        return False
    champion = case_of(keeper.registry, policy, rule, version).champion
    evidence = Evidence(candidate=candidate, champion=facts(keeper.registry, champion) if champion else None)
    decision = _decision(asked, rule, book.authors(candidate.authors), before)
    move = Transition(from_stage=version.stage, to_stage=Stage.PRODUCTION)
    _shout(keeper, policy, version, asked, decision)
    written = write_down(
        keeper, policy, [plan(policy, evidence, move, decision)], note="somebody decided over the gate's head"
    )
    try:
        for judgement, seen in written:
            apply(keeper, judgement, seen)
    except WorldChanged as error:
        report(keeper, version.name, version.version, f"{error}; say it again if it is still wanted")
        raise
    return True


def report(keeper: Gatekeeper, model: str, version: int, why: str) -> None:
    """Tell the owners and reviewers that a promotion over the gate's head was not done."""
    sentence = f"It was not promoted over the gate's head: {why}"
    with writing(keeper.ledger) as session:
        for channel in (REVIEWERS, OWNERS):
            message = render_problem(
                model, version, sentence, console_url=keeper.console_url, channel=channel, words=keeper.words
            )
            tell_once(keeper, session, message)


def _open(session: Session, version: ModelVersion, now: datetime) -> Numbered | None:
    """The last such act on it, unless it is old, or any version was promoted since: the last word stands."""
    made = approvals.last(session, version.name, version.version, Vote.PROMOTE)
    if made is None or now - made.said.at >= LASTS:
        return None
    promotions = judgements.promoted(session, version.name)
    return None if promotions and promotions[0].at > made.said.at else made


def _impossible(book: PolicyBook, policy: Policy, asked: Numbered, candidate: VersionFacts) -> str | None:
    """The policy may have changed since, and without its files there is nothing to promote."""
    by = asked.said
    person = Person(name=by.reviewer, route=Route(by.route), account=by.account, groups=frozenset(by.groups))
    refusal = glass_refusal(policy, book, person, f"{candidate.name} {candidate.version}")
    return refusal or (candidate.unreadable if candidate.lost else None)


def _decision(asked: Numbered, rule: Rule, authors: frozenset[str], before: Judgement | None) -> Decision:
    by = asked.said
    own = ", who made it" if is_author(by.reviewer, authors) else ""
    reasons = [f"promoted over the gate's head by {by.reviewer}{own}: {by.comment}"]
    if before is not None:
        was = before.decision
        reasons.append(f"the decision before was {was.answer}: {'; '.join(was.reasons)}")
    return Decision(
        answer=Answer.PROMOTE,
        reasons=tuple(reasons),
        steps=tuple(step.step() for step in rule.on_pass),
        act=asked.id,
    )


def _shout(
    keeper: Gatekeeper, policy: Policy, version: ModelVersion, asked: Numbered, decision: Decision
) -> None:
    """Before it is done, once for the act: a worker killed in between must not keep it quiet."""
    channels = dict.fromkeys(
        chain((REVIEWERS, OWNERS), policy.break_glass.notify if policy.break_glass else ())
    )
    with writing(keeper.ledger) as session:
        for channel in channels:
            message = render_override(
                version.name, version.version, asked.id, (asked.said, decision.reasons),
                console_url=keeper.console_url, channel=channel, words=keeper.words,
            )  # fmt: skip
            tell_once(keeper, session, message)
