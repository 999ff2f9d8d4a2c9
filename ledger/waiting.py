"""Work that waits for its time by a policy that is no longer in force: it need not wait for that."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from ledger import work
from ledger.tables import DecisionRow, WorkRow
from policies.verdicts import Answer

WAITING = (Answer.HOLD.value, Answer.ASK.value)


def wake(session: Session, in_force: Collection[str], now: datetime) -> int:
    """Ask for a look at whatever waits by a decision under another policy text than these, by digest."""
    later = aliased(DecisionRow)
    newest = (
        select(func.max(later.id))
        .where(later.model == WorkRow.model, later.version == WorkRow.version)
        .correlate(WorkRow)
        .scalar_subquery()
    )
    outdated = session.execute(
        select(WorkRow.model, WorkRow.version)
        .join(DecisionRow, DecisionRow.id == newest)
        .where(
            WorkRow.due > now,
            WorkRow.leased_until.is_(None),
            WorkRow.problem.is_(None),
            DecisionRow.answer.in_(WAITING),
            DecisionRow.policy_digest.not_in(in_force),
        )
    )
    versions = [(model, version) for model, version in outdated]
    work.ring_all(session, versions, now)
    return len(versions)
