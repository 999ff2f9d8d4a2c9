"""The record of sign-ins, sign-outs and tokens: appended, never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.signin_tables import SigninRow


@dataclass(frozen=True)
class Entry:
    """What happened, to whose access, by which way."""

    at: datetime
    name: str
    way: str
    what: str
    detail: str = ""


def note(session: Session, entry: Entry) -> None:
    """Write one down."""
    session.add(SigninRow(**vars(entry)))


def latest(session: Session, *, limit: int) -> Sequence[Entry]:
    """The last ones, newest first."""
    rows = session.scalars(select(SigninRow).order_by(SigninRow.id.desc()).limit(limit))
    return [Entry(row.at, row.name, row.way, row.what, row.detail) for row in rows]
