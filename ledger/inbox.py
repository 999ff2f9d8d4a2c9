"""What came in: deliveries as they came, and the events they and the sweep tell of.

Storing a delivery, its event and the work that follows is one transaction: whoever is answered 202 is
not forgotten.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from ledger.tables import DeliveryRow, EventRow
from ledger.upsert import Insert, dialect_of, insert_many_on, many
from registry.events import EventKind, RegistryEvent

OWN_WRITE = "Gatehouse's own write"
"""Why nothing follows the echo of what we did ourselves."""


@dataclass(frozen=True)
class Delivery:
    """One signed POST, as it came; the sender's `id` is the same whenever it is sent again."""

    id: str
    source: str
    body: str
    received: datetime


@dataclass(frozen=True)
class Note:
    """One event to be written down; `ignored` says why nothing follows if nothing does."""

    event: RegistryEvent
    origin: str
    at: datetime
    delivery_id: str | None = None
    ignored: str | None = None


def store_deliveries(session: Session, deliveries: Iterable[Delivery]) -> set[str]:
    """Keep these deliveries; the ids of those that had not come before come back."""
    # In one order for all who store, so that no two wait for each other.
    rows = [vars(delivery) for delivery in sorted(deliveries, key=lambda delivery: delivery.id)]
    return set(session.scalars(_storing(dialect_of(session)), many(session, rows))) if rows else set()


@cache
def _storing(dialect: str) -> ReturningInsert[tuple[str]]:
    kept = insert_many_on(dialect, DeliveryRow, ("id", "source", "body", "received"))
    return kept.on_conflict_do_nothing().returning(DeliveryRow.id)


def store_delivery(session: Session, *, delivery_id: str, source: str, body: str, now: datetime) -> bool:
    """Keep one delivery; False if it has come before."""
    return bool(store_deliveries(session, [Delivery(delivery_id, source, body, now)]))


def record_events(session: Session, notes: Iterable[Note]) -> None:
    """Write down that these things happened, in this order."""
    rows = [
        {
            "delivery_id": note.delivery_id,
            "origin": note.origin,
            "model": note.event.model,
            "version": note.event.version,
            "kind": note.event.kind.value,
            "event": note.event.model_dump_json(),
            "ignored": note.ignored,
            "at": note.at,
        }
        for note in notes
    ]
    if rows:
        session.execute(_recording(dialect_of(session)), many(session, rows))


@cache
def _recording(dialect: str) -> Insert:
    names = ("delivery_id", "origin", "model", "version", "kind", "event", "ignored", "at")
    return insert_many_on(dialect, EventRow, names)


def record_event(
    session: Session,
    event: RegistryEvent,
    *,
    origin: str,
    now: datetime,
    delivery_id: str | None = None,
    ignored: str | None = None,
) -> None:
    """Write down that something happened, and why nothing follows if nothing does."""
    record_events(session, [Note(event, origin, now, delivery_id, ignored)])


def was_told(session: Session, model: str, version: int, kind: EventKind) -> bool:
    """Whether any event of this kind is on record for the version."""
    found = select(EventRow.id).where(
        EventRow.model == model, EventRow.version == version, EventRow.kind == kind.value
    )
    return session.scalar(found.limit(1)) is not None


def was_told_of(session: Session, event: RegistryEvent, *, since: datetime | None) -> bool:
    """Whether this is on record already, since a time or at all; senders may add words of their own."""
    found = select(EventRow.event).where(
        EventRow.model == event.model, EventRow.version == event.version, EventRow.kind == event.kind.value
    )
    if since is not None:
        found = found.where(EventRow.at >= since)
    told = (RegistryEvent.model_validate_json(text) for text in session.scalars(found))
    return any(_gist(one) == _gist(event) for one in told)


def _gist(event: RegistryEvent) -> tuple[object, ...]:
    return (event.to_stage, *(event.detail.get(name) for name in ("key", "value", "alias")))


@dataclass(frozen=True)
class Recorded:
    """One event on record: `ignored` says why nothing followed, `None` that it was somebody else's doing."""

    id: int
    event: RegistryEvent
    origin: str
    ignored: str | None
    at: datetime

    @property
    def happened(self) -> datetime:
        """No later than it was recorded, whatever the sender's clock says."""
        return min(self.event.at or self.at, self.at)


def last_move(session: Session, model: str, version: int) -> Recorded | None:
    """The latest recorded change of this version's stage."""
    row = session.scalar(_moves(model, version).order_by(EventRow.id.desc()).limit(1))
    return None if row is None else _recorded(row)


def moves(session: Session, model: str, version: int) -> list[Recorded]:
    """Every recorded change of this version's stage, in the order in which they were recorded."""
    return [_recorded(row) for row in session.scalars(_moves(model, version).order_by(EventRow.id))]


def _moves(model: str, version: int) -> Select[EventRow]:
    return select(EventRow).where(
        EventRow.model == model,
        EventRow.version == version,
        EventRow.kind == EventKind.STAGE_CHANGED.value,
    )


def alias_told(session: Session, model: str, alias: str, kind: EventKind) -> list[Recorded]:
    """Every recorded setting, or deleting, of an alias by somebody else, newest first."""
    rows = session.scalars(
        select(EventRow)
        .where(EventRow.model == model, EventRow.kind == kind.value, EventRow.ignored.is_(None))
        .order_by(EventRow.id.desc())
    )
    return [told for told in map(_recorded, rows) if told.event.detail.get("alias") == alias]


def _recorded(row: EventRow) -> Recorded:
    event = RegistryEvent.model_validate_json(row.event)
    return Recorded(row.id, event, row.origin, row.ignored, row.at)


def requested_since(session: Session, model: str, version: int, at: datetime) -> list[Recorded]:
    """The requests for a transition of this version that came since then, oldest first; no replays."""
    rows = session.scalars(
        select(EventRow)
        .where(
            EventRow.model == model,
            EventRow.version == version,
            EventRow.kind == EventKind.TRANSITION_REQUESTED.value,
            EventRow.origin != "replay",
            EventRow.at >= at,
        )
        .order_by(EventRow.id)
    )
    return [_recorded(row) for row in rows]
