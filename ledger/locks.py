"""One mover per registered model: MLflow itself leaves two champions after two concurrent promotions."""

from datetime import datetime

from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from ledger.tables import LockRow
from ledger.upsert import insert
from ledger.work import LEASE


def take(session: Session, model: str, holder: str, now: datetime) -> bool:
    """Take the model's lock; False while somebody else holds it."""
    taken = insert(session, LockRow).values(model=model, holder=holder, until=now + LEASE)
    taken = taken.on_conflict_do_update(
        index_elements=["model"],
        set_={"holder": taken.excluded.holder, "until": taken.excluded.until},
        where=or_(LockRow.holder == holder, LockRow.until <= now),
    )
    return session.scalar(taken.returning(LockRow.model)) is not None


def renew(session: Session, holder: str, now: datetime) -> None:
    """Still alive: what this holder has, it keeps. A dead holder's lock runs out with its claim."""
    session.execute(update(LockRow).where(LockRow.holder == holder).values(until=now + LEASE))


def release(session: Session, model: str, holder: str) -> None:
    """Give the lock back, if it is still ours."""
    session.execute(delete(LockRow).where(LockRow.model == model, LockRow.holder == holder))
