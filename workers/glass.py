"""Breaking the glass: the door for whoever the policy names. `workers.over_the_gate` does what follows."""

from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ledger import approvals, judgements, work
from ledger.engine import writing
from ledger.judgements import Judgement
from policies.acts import glass_refusal
from policies.book import PolicyBook, Tags
from policies.language import Policy
from policies.people import Act, Person
from workers.barring import barred
from workers.review import VoteRefused, checked, is_gone, said


def break_glass(
    ledger: Engine, book: PolicyBook, person: Person, act: Act, now: datetime, tags: Tags | None = None
) -> Judgement | None:
    """Record that somebody promotes a version over the gate's head; the decision in force then comes back.

    `act` says `promote` and its comment is the reason. Unlike for `workers.review`, the version need not have
    been judged. Raises VoteRefused, LedgerUnavailable, and PolicyInvalid where the model's tags decide which
    policy rules it and none are given.
    """
    person, act = checked(person, act, book)
    policy = book.for_model(act.model, tags)
    with writing(ledger) as session:
        # First of all, as for `workers.review`: what is checked stays so until this is recorded.
        work.ring(session, act.model, act.version, now)
        judgement = judgements.latest(session, act.model, act.version)
        if why := why_not(session, policy, book, person, act):
            raise VoteRefused(why)
        approvals.add(session, act.model, act.version, said(person, act, judgement, now))
    return judgement


def why_not(
    session: Session, policy: Policy | None, book: PolicyBook, person: Person, act: Act
) -> str | None:
    """Why somebody may not promote this version over the gate's head now; None if they may."""
    what = f"{act.model} {act.version}"
    if is_gone(session, act.model, act.version):
        return f"{what} was deleted from the registry"
    return barred(session, policy, act.model, act.version) or glass_refusal(policy, book, person, what)
