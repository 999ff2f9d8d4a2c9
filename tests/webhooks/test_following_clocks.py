"""A sender's clock may be wrong: what it tells hides nothing that comes after."""

from datetime import timedelta

import pytest

from ledger import sightings
from ledger.engine import reading
from ledger.inbox import Delivery
from registry.events import EventKind, RegistryEvent
from registry.words import Stage
from tests.databases import ON_BOTH
from tests.webhooks.senders import NOW
from webhooks.take import Incoming, Intake

pytestmark = pytest.mark.parametrize("database", ON_BOTH, indirect=True)


@pytest.mark.parametrize(
    ("ahead_s", "known_s"), [(-60, -60), (0, 0), (240, 0)], ids=["behind", "right", "ahead"]
)
def test_nothing_happened_after_it_was_told(ledger, ahead_s, known_s):
    event = RegistryEvent(
        kind=EventKind.STAGE_CHANGED, model="fare", version=1, to_stage=Stage.STAGING,
        at=NOW + timedelta(seconds=ahead_s),
    )  # fmt: skip
    Intake(ledger).take(Incoming(Delivery("d-1", "gatehouse", "{}", NOW), event))
    with reading(ledger) as session:
        assert sightings.of_version(session, "fare", 1).updated == NOW + timedelta(seconds=known_s)
