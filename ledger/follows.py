"""Which channels are told of all that happens to a model, and which of nothing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ledger.chat_tables import FollowRow
from ledger.upsert import insert

State = Literal["follow", "mute"]


def put(session: Session, model: str, channel: str, state: State, now: datetime) -> None:
    """From now on a channel follows a model, or is spared it; whichever was said last holds."""
    row = {"model": model, "channel": channel, "state": state, "at": now}
    written = insert(session, FollowRow).values(row)
    session.execute(
        written.on_conflict_do_update(
            index_elements=[FollowRow.model, FollowRow.channel], set_={"state": state, "at": now}
        )
    )


def end(session: Session, model: str, channel: str) -> bool:
    """Neither any more: the channel is told what the policy says. False if it was neither."""
    gone = delete(FollowRow).where(FollowRow.model == model, FollowRow.channel == channel)
    return session.scalar(gone.returning(FollowRow.channel)) is not None


def of_model(session: Session, model: str) -> dict[str, str]:
    """What each channel wants of this model: "follow" or "mute"."""
    rows = session.scalars(select(FollowRow).where(FollowRow.model == model))
    return {row.channel: row.state for row in rows}


def all_of(session: Session) -> Sequence[FollowRow]:
    """All of them, by model and channel."""
    return session.scalars(select(FollowRow).order_by(FollowRow.model, FollowRow.channel)).all()
