"""The tables of chats: where a candidate is shown, what was clicked there, and who follows which model."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from ledger.tables import Table


class ThreadRow(Table):
    """The message by which a chat shows a candidate, and under which all that follows is told.

    `channel` and `ts` are the chat's own ids, `card` the message it was last drawn from, `plot` the chat's id
    of the picture in it.
    """

    __tablename__ = "threads"
    __table_args__ = (Index("threads_of_version", "model", "version"),)
    channel: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    ts: Mapped[str]
    card: Mapped[str]
    plot: Mapped[str | None]
    at: Mapped[datetime]


class InteractionRow(Table):
    """A click in a chat, as it was signed: its id is a digest of its bytes, so that it counts once."""

    __tablename__ = "interactions"
    __table_args__ = (Index("interactions_due", "state", "due"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    click: Mapped[str]
    state: Mapped[str]
    due: Mapped[datetime]
    attempts: Mapped[int]
    problem: Mapped[str | None]
    at: Mapped[datetime]


class FollowRow(Table):
    """A channel that is told of all that happens to a model ("follow"), or of nothing ("mute")."""

    __tablename__ = "follows"
    model: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    at: Mapped[datetime]
