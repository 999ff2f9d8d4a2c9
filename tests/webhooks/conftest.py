"""A receiver that takes every dialect, over a real ledger."""

import pytest

from ledger.engine import reading
from ledger.inbox import Recorded
from ledger.tables import EventRow
from registry.events import RegistryEvent
from tests.webhooks.senders import NOW, SECRETS
from webhooks.receiver import create_app


class Bell:
    def __init__(self):
        self.rings = 0

    def ring(self):
        self.rings += 1


@pytest.fixture
def bell():
    return Bell()


@pytest.fixture
def client(ledger, bell):
    return create_app(ledger, bell, secrets=SECRETS, now=lambda: NOW).test_client()


@pytest.fixture
def events(ledger):
    """Every event on record, in the order in which it was recorded."""

    def read():
        with reading(ledger) as session:
            return [
                Recorded(
                    row.id, RegistryEvent.model_validate_json(row.event), row.origin, row.ignored, row.at
                )
                for row in session.query(EventRow).order_by(EventRow.id)
            ]

    return read
