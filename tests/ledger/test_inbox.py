"""A delivery is stored once, whoever brings it and however often."""

from datetime import timedelta

from sqlalchemy import func, select

from ledger import inbox
from ledger.engine import reading, writing
from ledger.inbox import Delivery, Note
from ledger.tables import DeliveryRow, EventRow
from registry.events import EventKind, RegistryEvent

EVENT = RegistryEvent(kind=EventKind.VERSION_CREATED, model="fare", version=1)


def deliveries(now, *ids):
    return [Delivery(id_, "mlflow", '{"body": "é"}', now) for id_ in ids]


def store(ledger, *some):
    with writing(ledger) as session:
        return inbox.store_deliveries(session, some)


def count(ledger, table):
    with reading(ledger) as session:
        return session.scalar(select(func.count()).select_from(table))


def test_what_comes_again_is_not_new(ledger, now):
    assert store(ledger, *deliveries(now, "b", "a")) == {"a", "b"}
    assert store(ledger, *deliveries(now, "b", "c")) == {"c"}
    assert count(ledger, DeliveryRow) == 3


def test_the_first_body_stays(ledger, now):
    store(ledger, *deliveries(now, "a"))
    store(ledger, Delivery("a", "mlflow", "other", now))
    with reading(ledger) as session:
        assert session.scalar(select(DeliveryRow.body)) == '{"body": "é"}'


def test_of_many_at_once_one_is_new(ledger, now, at_once):
    for id_ in ("a", "b", "c"):
        assert (
            sum(len(new) for new in at_once(lambda _, id_=id_: store(ledger, *deliveries(now, id_)), 16)) == 1
        )


def test_groups_that_share_deliveries_do_not_block_each_other(ledger, now, at_once):
    ids = [f"d-{n:03}" for n in range(40)]

    def both_ways(n):
        return store(ledger, *deliveries(now, *(ids[::-1] if n % 2 else ids)))

    assert sorted(id_ for new in at_once(both_ways, 8) for id_ in new) == ids


def test_events_are_on_record_in_their_order(ledger, now):
    store(ledger, *deliveries(now, "a"))
    moved = RegistryEvent(kind=EventKind.STAGE_CHANGED, model="fare", version=1, to_stage="Staging")
    notes = [Note(EVENT, "test", now, "a"), Note(moved, "test", now + timedelta(seconds=1), None, "ours")]
    with writing(ledger) as session:
        inbox.record_events(session, notes)
        inbox.record_events(session, [])
    with reading(ledger) as session:
        rows = session.execute(
            select(EventRow.kind, EventRow.delivery_id, EventRow.ignored).order_by(EventRow.id)
        )
        assert [tuple(row) for row in rows] == [
            ("version created", "a", None),
            ("stage changed", None, "ours"),
        ]
        assert inbox.was_told(session, "fare", 1, EventKind.VERSION_CREATED)
        assert not inbox.was_told(session, "fare", 2, EventKind.VERSION_CREATED)


def test_changes_of_stage_are_told_apart_and_happened_no_later_than_they_were_recorded(ledger, now):
    def told(stage, at=None, version=1):
        moved = RegistryEvent(
            kind=EventKind.STAGE_CHANGED, model="fare", version=version, to_stage=stage, at=at
        )
        return Note(moved, "test", now, None)

    early, late = now - timedelta(seconds=9), now + timedelta(seconds=9)
    notes = [told("Staging", early), told("None"), told("Production", late), told("Archived", version=2)]
    with writing(ledger) as session:
        inbox.record_events(session, notes)
        moves = inbox.moves(session, "fare", 1)
    assert [(move.event.to_stage, move.happened) for move in moves] == [
        ("Staging", early),
        ("None", now),
        ("Production", now),
    ]
