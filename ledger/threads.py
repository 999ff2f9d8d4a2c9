"""Where a chat shows each candidate: the message that is drawn anew as things move, its thread below it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ledger.chat_tables import ThreadRow
from ledger.upsert import insert


@dataclass(frozen=True)
class Thread:
    """A candidate's message; `card` is the text it was last drawn from, `plot` the picture in it."""

    channel: str
    ts: str
    card: str
    plot: str | None = None


def of_version(session: Session, model: str, version: int) -> list[Thread]:
    """Every message that shows this version."""
    rows = session.scalars(select(ThreadRow).where(ThreadRow.model == model, ThreadRow.version == version))
    return [Thread(row.channel, row.ts, row.card, row.plot) for row in rows]


def keep(session: Session, model: str, version: int, thread: Thread, now: datetime) -> None:
    """Remember where a version is shown in a channel, and how."""
    told = {"ts": thread.ts, "card": thread.card, "plot": thread.plot}
    row = {"channel": thread.channel, "model": model, "version": version, "at": now} | told
    key = [ThreadRow.channel, ThreadRow.model, ThreadRow.version]
    put = insert(session, ThreadRow).values(row)
    session.execute(put.on_conflict_do_update(index_elements=key, set_=told))


def forget(session: Session, model: str, version: int, channel: str) -> None:
    """Somebody has deleted the message."""
    session.execute(
        delete(ThreadRow).where(
            ThreadRow.model == model, ThreadRow.version == version, ThreadRow.channel == channel
        )
    )
