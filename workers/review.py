"""The one door for every act of a person, from whatever route: terminal, pages, chats.

What is said is bound to the evidence and policy text of the decision in force. Whether it is enough is
decided by the workers, by the same rules.
"""

from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ledger import approvals, inbox, judgements, sightings, work
from ledger.engine import writing
from ledger.judgements import Judgement
from policies.acts import Standing, policy_of, refusal
from policies.book import PolicyBook
from policies.names import tidy, unfit_name
from policies.people import Act, Person, Shown, tidy_comment, unfit_comment
from policies.verdicts import Approval, Vote
from registry.events import EventKind
from workers.barring import barred

COMMENTED = {Vote.REJECT, Vote.COMMENT, Vote.REQUEST, Vote.PROMOTE}
"""Acts that say nothing without a comment."""


class VoteRefused(Exception):
    """This person cannot do this to this version now; the sentence says why."""


class Outdated(VoteRefused):
    """What the person was shown is no longer what stands: show it anew."""


class NotJudged(Exception):
    """The version was not judged yet, so there is nothing to speak of: try again when it was."""


def review(ledger: Engine, book: PolicyBook, person: Person, act: Act, now: datetime) -> Judgement:
    """Record what a person says and ask for a look; the decision it was said of comes back.

    Raises VoteRefused (Outdated among them), NotJudged, LedgerUnavailable, LedgerInvalid.
    """
    person, act = checked(person, act, book)
    with writing(ledger) as session:
        # First of all: while this is open no worker decides anew, and what is checked stays so.
        work.ring(session, act.model, act.version, now)
        judgement, standing = _found(session, act.model, act.version)
        if act.shown is not None and act.shown != Shown.of(judgement.evaluation):
            raise Outdated(_since(standing, judgement))
        if why := _barred(session, book, act, standing) or refusal(act.verb, book, person, standing, now=now):
            raise VoteRefused(why)
        approvals.add(session, act.model, act.version, said(person, act, judgement, now))
    return judgement


def standing_of(session: Session, judgement: Judgement) -> Standing:
    """What `policies.acts.refusals` asks for, to tell which acts are open to somebody."""
    return Standing(
        model=judgement.model,
        version=judgement.version,
        evaluation=judgement.evaluation,
        decision=judgement.decision,
        authors=judgements.evidence_of(session, judgement).candidate.authors,
        said=approvals.of_version(session, judgement.model, judgement.version),
    )


def _found(session: Session, model: str, version: int) -> tuple[Judgement, Standing]:
    judgement = judgements.latest(session, model, version)
    if judgement is None:
        raise NotJudged(f"{model} {version} has not been judged yet")
    if is_gone(session, model, version):
        raise VoteRefused(f"{model} {version} was deleted from the registry")
    return judgement, standing_of(session, judgement)


def _barred(session: Session, book: PolicyBook, act: Act, on: Standing) -> str | None:
    if act.verb is not Vote.PROMOTE:
        return None
    return barred(session, policy_of(book, on), act.model, act.version)


def is_gone(session: Session, model: str, version: int) -> bool:
    """Whether a version was deleted, and not seen since."""
    told = inbox.was_told(session, model, version, EventKind.VERSION_DELETED)
    return told and sightings.of_version(session, model, version) is None


def checked(person: Person, act: Act, book: PolicyBook) -> tuple[Person, Act]:
    """Both as they are kept. Raises VoteRefused for what cannot be kept, or is not said."""
    comment = tidy_comment(act.comment)
    if why := unfit_name(person.name) or unfit_comment(comment):
        raise VoteRefused(why)
    if not comment and act.verb in COMMENTED:
        raise VoteRefused(f"a {act.verb} needs a comment: say why")
    known = {"name": book.listed_as(tidy(person.name)), "groups": person.groups & book.named}
    return person.model_copy(update=known), act.model_copy(update={"comment": comment})


def _since(standing: Standing, judgement: Judgement) -> str:
    at = f"{judgement.at:%Y-%m-%d %H:%M} UTC"
    return (
        f"{standing} has changed since this was shown to you: it was judged anew at {at} "
        f"({judgement.decision.answer}); look again, then say it of that"
    )


def said(person: Person, act: Act, judgement: Judgement | None, now: datetime) -> Approval:
    """An act as it is kept, tied to the decision in force."""
    evaluation = judgement.evaluation if judgement else None
    return Approval(
        reviewer=person.name,
        vote=act.verb,
        comment=act.comment,
        evidence_digest=evaluation.evidence_digest if evaluation else "",
        policy_digest=evaluation.policy_digest if evaluation else "",
        at=now,
        decision=judgement.id if judgement else None,
        route=person.route,
        account=person.account,
        groups=tuple(sorted(person.groups)),
    )
