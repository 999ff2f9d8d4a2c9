"""Clicks in a chat: kept before they are acknowledged, taken with a lease, acted on once.

The text is the sender's (`notifications.slack_clicks.Click` as JSON). What a click led to stands elsewhere;
here it is emptied when it is done, for it names an address that anyone could answer to.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from ledger.chat_tables import InteractionRow
from ledger.upsert import insert

LEASE = timedelta(minutes=1)
ATTEMPTS_MAX = 20
WAITING, DONE, FAILED = "waiting", "done", "failed"


@dataclass(frozen=True)
class Interaction:
    """One click to be acted on; `at` is when it came."""

    id: str
    click: str
    attempts: int
    at: datetime


def store(session: Session, id_: str, click: str, now: datetime) -> bool:
    """Keep one click; False if exactly it has come before."""
    row = {"id": id_, "click": click, "state": WAITING, "due": now, "attempts": 0, "at": now}
    put = insert(session, InteractionRow).values(row).on_conflict_do_nothing()
    return session.scalar(put.returning(InteractionRow.id)) is not None


def claim(session: Session, now: datetime) -> Interaction | None:
    """Take the next click that is due, in the order in which they came; again after a minute if we die."""
    row = session.scalar(
        select(InteractionRow)
        .where(_is_due(now))
        .order_by(InteractionRow.at, InteractionRow.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if row is None:
        return None
    row.attempts += 1
    row.due = now + LEASE
    return Interaction(row.id, row.click, row.attempts, row.at)


def mark_done(session: Session, interaction: Interaction, problem: str | None = None) -> None:
    """It was acted on, or answered with why not."""
    row = session.get_one(InteractionRow, interaction.id)
    row.state, row.click, row.problem = DONE, "", problem


def mark_failed(session: Session, interaction: Interaction, problem: str, *, retry: datetime) -> None:
    """It could not be acted on now: to be tried again, or after too many tries given up."""
    row = session.get_one(InteractionRow, interaction.id)
    row.problem, row.due = problem, retry
    if interaction.attempts >= ATTEMPTS_MAX:
        row.state, row.click = FAILED, ""


def waiting(session: Session, now: datetime) -> bool:
    """Whether any click is due."""
    return session.scalar(select(InteractionRow.id).where(_is_due(now)).limit(1)) is not None


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Not one that brought down whoever took it, time and again."""
    return and_(
        InteractionRow.state == WAITING, InteractionRow.due <= now, InteractionRow.attempts < ATTEMPTS_MAX
    )
