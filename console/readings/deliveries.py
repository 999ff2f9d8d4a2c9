"""What senders delivered, newest first, and what became of each."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, func, literal_column, select
from sqlalchemy.orm import Session

from ledger.history import describe
from ledger.tables import DeliveryRow, EventRow
from registry.events import RegistryEvent
from registry.words import Value

PAGE = 50
SHOWN = 4_000
"""Characters of a body that are shown; `gatehouse deliveries --json` gives it whole."""
REPLAYED: ColumnElement[str] = literal_column("'replay'")
"""Written out: an index of what was replayed, and of nothing else, serves only who asks for this word."""


class Delivered(Value):
    """One delivery, its first event in words, and how often it was replayed."""

    id: str
    source: str
    received: datetime
    model: str
    version: int | None
    what: str
    ignored: str | None
    """Why nothing followed; None if it was looked into."""
    replays: int
    body: str
    cut: bool


class Deliveries(Value):
    """A page of deliveries; `older` is what `before` asks for the next page."""

    delivered: tuple[Delivered, ...]
    sources: tuple[str, ...]
    older: int | None
    newest: bool


def deliveries(
    session: Session, *, model: str | None = None, source: str | None = None, before: int | None = None
) -> Deliveries:
    """Of all models and senders, or of one; `before` is the event of the last delivery already shown."""
    query = (
        select(DeliveryRow, EventRow)
        .join(EventRow, EventRow.delivery_id == DeliveryRow.id)
        .where(EventRow.origin != REPLAYED)
        .order_by(EventRow.id.desc())
        .limit(PAGE + 1)
    )
    if model:
        query = query.where(EventRow.model == model)
    if source:
        query = query.where(DeliveryRow.source == source)
    if before is not None:
        query = query.where(EventRow.id < before)
    rows = session.execute(query).all()
    replays = _replays(session, [delivery.id for delivery, _ in rows])
    return Deliveries(
        delivered=tuple(_of(delivery, event, replays[delivery.id]) for delivery, event in rows[:PAGE]),
        sources=tuple(session.scalars(select(DeliveryRow.source).distinct().order_by(DeliveryRow.source))),
        older=rows[PAGE - 1][1].id if len(rows) > PAGE else None,
        newest=before is None,
    )


def _of(delivery: DeliveryRow, row: EventRow, replays: int) -> Delivered:
    return Delivered(
        id=delivery.id,
        source=delivery.source,
        received=delivery.received,
        model=row.model,
        version=row.version,
        what=describe(RegistryEvent.model_validate_json(row.event)),
        ignored=row.ignored,
        replays=replays,
        body=delivery.body[:SHOWN],
        cut=len(delivery.body) > SHOWN,
    )


def _replays(session: Session, ids: Iterable[str]) -> Counter[str]:
    rows = session.execute(
        select(EventRow.delivery_id, func.count())
        .where(EventRow.origin == REPLAYED, EventRow.delivery_id.in_(ids))
        .group_by(EventRow.delivery_id)
    )
    return Counter({delivery_id: count for delivery_id, count in rows if delivery_id is not None})
