"""The channel: what people were told, and what became of it on every way that carries it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from ledger.tables import MessageRow
from notifications.message import Message
from registry.words import Value

PAGE = 30


class Carried(Value):
    """What became of a message on one channel, by the channel's own name."""

    via: str
    state: str
    problem: str | None


class Told(Value):
    """One message, and what became of it on every channel that carries it."""

    id: int
    message: Message
    at: datetime
    carried: tuple[Carried, ...]

    @property
    def undelivered(self) -> list[Carried]:
        """Where it is still on its way, or was given up."""
        return [way for way in self.carried if way.state != "sent"]


class Channel(Value):
    """A page of messages, newest first; `older` is what `before` asks for the next page."""

    told: tuple[Told, ...]
    older: int | None
    newest: bool


def channel(session: Session, *, model: str | None = None, before: int | None = None) -> Channel:
    """Of all models or of one; `before` is the id of the last message already shown."""
    rows = session.scalars(
        select(MessageRow).where(MessageRow.key.in_(_keys(session, model, before))).order_by(MessageRow.id)
    )
    by_key: dict[str, list[MessageRow]] = {}
    for row in rows:
        by_key.setdefault(row.key, []).append(row)
    told = [_told(carried) for carried in reversed(by_key.values())]
    older = told[PAGE - 1].id if len(told) > PAGE else None
    return Channel(told=tuple(told[:PAGE]), older=older, newest=before is None)


def _keys(session: Session, model: str | None, before: int | None) -> Sequence[str]:
    """Of each message the row that was written first stands for it."""
    earlier = aliased(MessageRow)
    again = exists().where(earlier.key == MessageRow.key, earlier.id < MessageRow.id)
    keys = select(MessageRow.key).where(~again).order_by(MessageRow.id.desc()).limit(PAGE + 1)
    if model is not None:
        keys = keys.where(MessageRow.model == model)
    return session.scalars(keys if before is None else keys.where(MessageRow.id < before)).all()


def _told(rows: list[MessageRow]) -> Told:
    carried = tuple(Carried(via=row.via, state=row.state, problem=row.problem) for row in rows)
    return Told(
        id=rows[0].id,
        message=Message.model_validate_json(rows[0].message),
        at=rows[0].at,
        carried=carried,
    )
