"""Messages on their way out. One row per fact: telling twice is prevented by the key, not by hope.

The text is the sender's (`notifications.message.Message` as JSON); the ledger only keeps and counts. What one
channel is told of one model leaves in the order in which it happened: as long as an earlier message waits,
be it for an hour's outage to end, no later one overtakes it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session, aliased

from ledger.tables import MessageRow
from ledger.upsert import insert

ATTEMPTS_MAX = 150
"""About a day of tries: an outage of a night heals by itself, older news is no news."""
QUIET = '%"quiet":true%'
"""In the JSON of a message that tells nobody anything; within its texts the quotation marks are escaped."""
LEASE = timedelta(minutes=1)


@dataclass(frozen=True)
class Outgoing:
    """One message to be sent by one channel."""

    id: int
    key: str
    via: str
    message: str
    attempts: int
    since: datetime | None
    """From when on it may have been sent before; None: nobody has tried."""


@dataclass(frozen=True)
class GivenUp:
    """A message that its channel never took."""

    model: str
    version: int | None
    via: str
    text: str
    tries: int


@dataclass(frozen=True)
class Draft:
    """A message as the notifications wrote it: `text` is its JSON, `key` names the fact it tells."""

    key: str
    model: str
    version: int | None
    text: str


def enqueue(session: Session, draft: Draft, *, via: str, now: datetime) -> bool:
    """Put a message in the outbox of one channel; False if this fact has been told there before."""
    row = {
        "key": draft.key,
        "via": via,
        "model": draft.model,
        "version": draft.version,
        "message": draft.text,
        "state": "waiting",
        "due": now,
        "attempts": 0,
        "at": now,
    }
    put = insert(session, MessageRow).values(row).on_conflict_do_nothing().returning(MessageRow.id)
    return session.scalar(put) is not None


def claim(session: Session, now: datetime) -> Outgoing | None:
    """Take the next message that is due; it is due again after a minute if its sender dies."""
    earlier = aliased(MessageRow)
    overtakes = select(earlier.id).where(
        earlier.state == "waiting",
        earlier.via == MessageRow.via,
        earlier.model == MessageRow.model,
        earlier.id < MessageRow.id,
    )
    row = session.scalar(
        select(MessageRow)
        .where(MessageRow.state == "waiting", MessageRow.due <= now, ~overtakes.exists())
        .order_by(MessageRow.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if row is None:
        return None
    tried = row.attempts > 0 or row.problem is not None
    row.attempts += 1
    row.due = now + LEASE
    return Outgoing(row.id, row.key, row.via, row.message, row.attempts, row.at if tried else None)


def mark_sent(session: Session, outgoing: Outgoing, now: datetime) -> None:
    """It was taken by its channel."""
    row = session.get_one(MessageRow, outgoing.id)
    row.state, row.sent, row.problem = "sent", now, None


def mark_failed(session: Session, outgoing: Outgoing, problem: str, *, retry: datetime | None) -> None:
    """It was not taken: to be tried again at `retry`, or given up (`None`, or too many tries)."""
    row = session.get_one(MessageRow, outgoing.id)
    row.problem = problem
    if retry is None or outgoing.attempts >= ATTEMPTS_MAX:
        row.state = "failed"
    else:
        row.due = retry


def hold_back(session: Session, via: str, until: datetime) -> None:
    """Send nothing more by a channel before then: it said that it has enough for now."""
    session.execute(
        update(MessageRow)
        .where(MessageRow.via == via, MessageRow.state == "waiting", MessageRow.due < until)
        .values(due=until)
    )


def given_up(session: Session, model: str | None = None, version: int | None = None) -> list[GivenUp]:
    """The messages that their channel never took, oldest first."""
    return [_given_up(row) for row in session.scalars(_failed(model, version))]


def retry(
    session: Session, now: datetime, model: str | None = None, version: int | None = None
) -> list[GivenUp]:
    """Send now what was given up, of one version, one model, or all."""
    rows = session.scalars(_failed(model, version).with_for_update()).all()
    found = [_given_up(row) for row in rows]
    for row in rows:
        row.state, row.due, row.attempts = "waiting", now, 0
    return found


def _failed(model: str | None, version: int | None) -> Select[MessageRow]:
    query = select(MessageRow).where(MessageRow.state == "failed").order_by(MessageRow.id)
    if model is not None:
        query = query.where(MessageRow.model == model)
    if version is not None:
        query = query.where(MessageRow.version == version)
    return query


def _given_up(row: MessageRow) -> GivenUp:
    return GivenUp(row.model, row.version, row.via, row.problem or "", row.attempts)


def waiting(session: Session, now: datetime) -> bool:
    """Whether any message is due, be it behind an earlier one that is not."""
    due = select(MessageRow.id).where(MessageRow.state == "waiting", MessageRow.due <= now).limit(1)
    return session.scalar(due) is not None


def messages(session: Session, *, model: str | None = None, limit: int = 100) -> list[MessageRow]:
    """What people were told last, of one model or of all, newest first; one row each, whatever carries it."""
    told = MessageRow.message.not_like(QUIET)
    firsts = select(func.min(MessageRow.id)).where(told).group_by(MessageRow.key)
    query = select(MessageRow).where(MessageRow.id.in_(firsts)).order_by(MessageRow.id.desc()).limit(limit)
    if model is not None:
        query = query.where(MessageRow.model == model)
    return list(session.scalars(query))
