"""What came in, asked afterwards: deliveries with what became of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from ledger.inbox import Delivery, Recorded
from ledger.tables import DeliveryRow, EventRow
from registry.events import RegistryEvent


@dataclass(frozen=True)
class Came:
    """A delivery and its events: the first as it came, the others as it was replayed."""

    delivery: Delivery
    events: tuple[Recorded, ...]


def latest(
    session: Session, *, limit: int, source: str | None = None, model: str | None = None
) -> list[Came]:
    """The last deliveries, newest first."""
    query = select(DeliveryRow).order_by(DeliveryRow.received.desc(), DeliveryRow.id).limit(limit)
    if source is not None:
        query = query.where(DeliveryRow.source == source)
    if model is not None:
        query = query.where(DeliveryRow.id.in_(select(EventRow.delivery_id).where(EventRow.model == model)))
    return _with_events(session, query)


def by_id(session: Session, ids: Iterable[str]) -> list[Came]:
    """These deliveries as far as they are on record, oldest first."""
    query = select(DeliveryRow).where(DeliveryRow.id.in_(ids))
    return _with_events(session, query.order_by(DeliveryRow.received, DeliveryRow.id))


def since(session: Session, at: datetime | None) -> Sequence[str]:
    """The ids of all that came since then, or ever; oldest first."""
    query = select(DeliveryRow.id).order_by(DeliveryRow.received, DeliveryRow.id)
    return session.scalars(query if at is None else query.where(DeliveryRow.received >= at)).all()


def last_received(session: Session, source: str) -> datetime | None:
    """When something last came from there."""
    return session.scalar(select(func.max(DeliveryRow.received)).where(DeliveryRow.source == source))


def _with_events(session: Session, query: Select[DeliveryRow]) -> list[Came]:
    rows = session.scalars(query).all()
    events: dict[str | None, list[Recorded]] = {}
    told = select(EventRow).where(EventRow.delivery_id.in_([row.id for row in rows])).order_by(EventRow.id)
    for row in session.scalars(told):
        event = RegistryEvent.model_validate_json(row.event)
        recorded = Recorded(row.id, event, row.origin, row.ignored, row.at)
        events.setdefault(row.delivery_id, []).append(recorded)
    return [
        Came(Delivery(row.id, row.source, row.body, row.received), tuple(events.get(row.id, ())))
        for row in rows
    ]
