"""Breaking the glass: the door for whoever the policy names. `workers.over_the_gate` does what follows."""

from datetime import datetime

from sqlalchemy import Engine

from ledger import approvals, judgements, work
from ledger.engine import writing
from ledger.judgements import Judgement
from policies.acts import glass_refusal
from policies.book import PolicyBook, Tags
from policies.people import Act, Person
from workers.barring import barred
from workers.review import VoteRefused, checked, said


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
        judgement = judgements.latest(session, act.model, act.version)
        refused = glass_refusal(policy, book, person, f"{act.model} {act.version}")
        if why := barred(session, policy, act.model, act.version) or refused:
            raise VoteRefused(why)
        approvals.add(session, act.model, act.version, said(person, act, judgement, now))
        work.ring(session, act.model, act.version, now)
    return judgement
