"""A change of stage that is told hides nothing that comes after, and reaches all whom it concerns."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from ledger import sightings
from ledger.engine import reading, writing
from ledger.inbox import Delivery
from ledger.tables import WorkRow
from registry.events import EventKind, RegistryEvent
from registry.words import Stage
from tests.databases import ON_BOTH
from tests.webhooks.senders import NOW
from webhooks.take import Incoming, Intake

pytestmark = pytest.mark.parametrize("database", ON_BOTH, indirect=True)


@pytest.mark.parametrize(
    ("ahead_s", "known"),
    [(-60, NOW - timedelta(seconds=60)), (0, NOW), (240, datetime.fromtimestamp(0, UTC))],
    ids=["behind", "right", "ahead"],
)
def test_nothing_happened_after_it_was_told(ledger, ahead_s, known):
    event = RegistryEvent(
        kind=EventKind.STAGE_CHANGED, model="fare", version=1, to_stage=Stage.STAGING,
        at=NOW + timedelta(seconds=ahead_s),
    )  # fmt: skip
    Intake(ledger).take(Incoming(Delivery("d-1", "gatehouse", "{}", NOW), event))
    with reading(ledger) as session:
        assert sightings.of_version(session, "fare", 1).updated == known


@pytest.mark.parametrize(
    ("from_stage", "to_stage", "looked_at"),
    [
        (Stage.PRODUCTION, Stage.ARCHIVED, [1, 2]),
        (Stage.NONE, Stage.PRODUCTION, [1, 2]),
        (Stage.NONE, Stage.STAGING, [1]),
    ],
    ids=["out of Production", "into Production", "elsewhere"],
)
def test_whoever_waits_in_staging_is_looked_at_when_the_champion_is_another(
    ledger, from_stage, to_stage, looked_at
):
    with writing(ledger) as session:
        for version, stage in ((2, Stage.STAGING), (3, Stage.ARCHIVED)):
            sightings.note_stage(session, "fare", version, stage, NOW)
    event = RegistryEvent(
        kind=EventKind.STAGE_CHANGED, model="fare", version=1, from_stage=from_stage, to_stage=to_stage
    )
    Intake(ledger).take(Incoming(Delivery("d-1", "gatehouse", "{}", NOW), event))
    with reading(ledger) as session:
        assert sorted(session.scalars(select(WorkRow.version))) == looked_at
