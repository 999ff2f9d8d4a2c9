"""Breaking the glass: the door for whoever the policy names. `workers.over_the_gate` does what follows."""

from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ledger import approvals, holds, judgements, sightings, work
from ledger.engine import writing
from ledger.judgements import Judgement
from policies.acts import glass_refusal
from policies.book import PolicyBook, Tags
from policies.language import Policy
from policies.people import Act, Person
from registry.aliased import CHAMPION
from registry.words import Stage
from workers.review import VoteRefused, checked, said


def break_glass(
    ledger: Engine, book: PolicyBook, person: Person, act: Act, now: datetime, tags: Tags | None = None
) -> Judgement | None:
    """Record that somebody promotes a version over the gate's head; the decision in force then comes back.

    `act` says `promote` and its comment is the reason. Raises VoteRefused, PolicyInvalid where the model's
    tags decide which policy rules it and none are given, LedgerUnavailable.
    """
    person, act = checked(person, act, book)
    policy = book.for_model(act.model, tags)
    with writing(ledger) as session:
        judgement = judgements.latest(session, act.model, act.version)
        if hold := holds.in_force(session, act.model):
            raise VoteRefused(f"{act.model} is {hold}; nothing is moved before: gatehouse resume")
        if why := glass_refusal(policy, book, person, f"{act.model} {act.version}"):
            raise VoteRefused(why)
        if policy and _serves(session, policy, act):
            raise VoteRefused(f"{act.model} {act.version} is in Production already")
        approvals.add(session, act.model, act.version, said(person, act, judgement, now))
        work.ring(session, act.model, act.version, now)
    return judgement


def _serves(session: Session, policy: Policy, act: Act) -> bool:
    """Whether it was last seen as the champion."""
    if policy.lifecycle == "aliases":
        return act.version in sightings.with_alias(session, act.model, CHAMPION)
    return sightings.stage_of(session, act.model, act.version) is Stage.PRODUCTION
