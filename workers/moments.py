"""The moment of a decision: the time, and since when the version is where it is and people are asked.

The registry's time of the last change is never before the version came to its stage, so the earlier of it and
what the ledger saw is the better answer. Of an alias the registry tells no time.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from ledger import arrivals, holds
from ledger.engine import reading
from policies.moment import Moment
from policies.verdicts import Evaluation
from registry.aliased import ALIASES
from registry.words import Stage
from workers.case import Case
from workers.gatekeeper import Gatekeeper


def moment_of(keeper: Gatekeeper, case: Case, evaluation: Evaluation) -> Moment:
    """The moment at which this version is decided on. Raises LedgerUnavailable."""
    now, of = keeper.now(), case.candidate
    with reading(keeper.ledger) as session:
        entered = entered_at(session, case)
        asked = arrivals.asked_since(session, of.name, of.version, evaluation, entered=entered)
        hold = holds.in_force(session, of.name)
    return Moment(now=now, entered=entered, asked=asked, held=str(hold) if hold else None)


def entered_at(session: Session, case: Case) -> datetime | None:
    """When the candidate came into its stage; None where nobody can know."""
    of = case.candidate
    if case.policy.lifecycle == "stages":
        seen = arrivals.into_stage(session, of.name, of.version, of.stage)
    else:
        alias = ALIASES.get(of.stage, "")
        seen = arrivals.under_alias(session, of.name, of.version, alias, of.stage)
        seen = seen or arrivals.judged_since(session, of.name, of.version, case.rule.transition)
    if of.stage is Stage.NONE and seen is None:
        return of.created
    if case.policy.lifecycle == "aliases":
        return seen
    return min(seen or of.updated, of.updated)
