"""Requests to trainers: written down before anybody is asked, one open at a time for each model.

A request is sent again and again until the registry shows what came of it, so it may be lost on the way.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.retraining_tables import RetrainingRow
from ledger.upsert import insert

Ending = Literal["done", "failed", "given up", "dropped"]
"""A version came of it; its training failed; nobody took it up; the policy asks no more."""


@dataclass(frozen=True)
class Request:
    """An open request; `sent` is how often it was, and `due` when it is again."""

    request: str
    model: str
    why: str
    asked: datetime
    due: datetime
    sent: int


def ask(session: Session, model: str, why: str, now: datetime) -> None:
    """Write down a request, due at once, unless the model has an open one.

    It is named by what it says, so that requests of two ledgers are not taken for each other.
    """
    named = hashlib.sha256(f"{model}\n{why}\n{now.isoformat()}".encode()).hexdigest()[:32]
    row = {
        "request": named, "model": model, "why": why, "state": "open", "note": "", "asked": now, "due": now,
        "sent": 0,
    }  # fmt: skip
    session.execute(insert(session, RetrainingRow).values(row).on_conflict_do_nothing())


def all_open(session: Session) -> Sequence[Request]:
    """Every open request, oldest first."""
    query = select(RetrainingRow).where(RetrainingRow.state == "open").order_by(RetrainingRow.id)
    return [_read(row) for row in session.scalars(query)]


def last_asked(session: Session, model: str) -> datetime | None:
    """When a candidate of this model was last asked for."""
    return session.scalar(select(func.max(RetrainingRow.asked)).where(RetrainingRow.model == model))


def note_sent(session: Session, request: Request, due: datetime) -> bool:
    """Note that it is sent now, and again when it is `due`; False if somebody else has just noted it."""
    row = _row(session, request)
    if row.state != "open" or row.sent != request.sent:
        return False
    row.sent, row.due = row.sent + 1, due
    return True


def put_off(session: Session, request: Request, due: datetime) -> None:
    """Somebody is at it: to be sent again only if nothing has come of it by then."""
    _row(session, request).due = due


def end(session: Session, request: Request, ending: Ending, note: str, now: datetime) -> bool:
    """Close it, with one sentence on what came of it; False if it is closed already."""
    row = _row(session, request)
    if row.state != "open":
        return False
    row.state, row.note, row.ended = ending, note, now
    return True


def _row(session: Session, request: Request) -> RetrainingRow:
    query = select(RetrainingRow).where(RetrainingRow.request == request.request).with_for_update()
    return session.scalars(query).one()


def _read(row: RetrainingRow) -> Request:
    return Request(row.request, row.model, row.why, row.asked, row.due, row.sent)
