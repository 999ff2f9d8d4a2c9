"""One mover per registered model: MLflow itself leaves two champions after two concurrent promotions."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_
from sqlalchemy.orm import Session

from ledger.tables import LockRow
from ledger.upsert import insert

HELD = timedelta(minutes=2)
"""Longer than the few requests that a promotion takes, short enough to outlive a dead holder's grip."""


def take(session: Session, model: str, holder: str, now: datetime) -> bool:
    """Take the model's lock; False while somebody else holds it."""
    taken = insert(session, LockRow).values(model=model, holder=holder, until=now + HELD)
    taken = taken.on_conflict_do_update(
        index_elements=["model"],
        set_={"holder": taken.excluded.holder, "until": taken.excluded.until},
        where=or_(LockRow.holder == holder, LockRow.until <= now),
    )
    return session.scalar(taken.returning(LockRow.model)) is not None


def release(session: Session, model: str, holder: str) -> None:
    """Give the lock back, if it is still ours."""
    session.execute(delete(LockRow).where(LockRow.model == model, LockRow.holder == holder))
