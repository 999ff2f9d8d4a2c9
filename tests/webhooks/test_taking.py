"""Deliveries on their way into the ledger: together, once each, whole or not at all."""

import json
import resource
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import event, func, select

from ledger.engine import open_ledger, reading
from ledger.inbox import Delivery
from ledger.tables import DeliveryRow, EventRow, WorkRow
from registry.events import EventKind, RegistryEvent
from tests.databases import ON_BOTH
from tests.webhooks.senders import NOW, SECRETS, post, recorded
from webhooks.errors import DeliveryInvalid
from webhooks.receiver import create_app
from webhooks.take import Incoming, Intake

BOTH = pytest.mark.parametrize("database", ON_BOTH, indirect=True)


def incoming(delivery="d-1", model="fare", version=1, kind=EventKind.VERSION_CREATED, **more):
    event = RegistryEvent(kind=kind, model=model, version=version, **more)
    return Incoming(Delivery(delivery, "mlflow", "{}", NOW), event)


def counts(ledger):
    with reading(ledger) as session:
        return tuple(
            session.scalar(select(func.count()).select_from(t)) for t in (DeliveryRow, EventRow, WorkRow)
        )


@BOTH
def test_of_the_same_delivery_many_times_at_once_one_is_taken(ledger):
    # Two intakes, as two processes have them.
    intakes = [Intake(ledger), Intake(ledger)]
    with ThreadPoolExecutor(16) as pool:
        for n in range(5):
            asked = [pool.submit(intakes[k % 2].take, incoming(f"d-{n}", version=n + 1)) for k in range(16)]
            assert sorted(each.result() for each in asked) == ["accepted", *["duplicate"] * 15]
    assert counts(ledger) == (5, 5, 5)


@BOTH
def test_many_at_once_are_all_taken_and_their_versions_rung_once_each(ledger):
    intakes = [Intake(ledger), Intake(ledger)]
    with ThreadPoolExecutor(16) as pool:
        asked = [
            pool.submit(intakes[n % 2].take, incoming(f"d-{n:03}", version=1 + n % 7)) for n in range(200)
        ]
        assert {each.result() for each in asked} == {"accepted"}
    assert counts(ledger) == (200, 200, 7)


@BOTH
def test_moves_of_one_version_that_come_together_are_compared_with_each_other(ledger):
    moves = [incoming(f"d-{n}", kind=EventKind.STAGE_CHANGED, to_stage="Staging") for n in range(3)]
    assert Intake(ledger)._store(moves) == ["accepted", "ignored", "ignored"]


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
@pytest.mark.docker
def test_a_delivery_that_no_ledger_can_keep_fails_alone(ledger):
    group = [incoming(f"d-{n}", version=n + 1) for n in range(8)] + [incoming("d-8", model="a\0b")]
    intake = Intake(ledger)

    def outcome(one):
        try:
            return intake.take(one)
        except DeliveryInvalid:
            return "invalid"

    with ThreadPoolExecutor(9) as pool:
        assert sorted(pool.map(outcome, group)) == [*["accepted"] * 8, "invalid"]
    assert counts(ledger) == (8, 8, 8)


@contextmanager
def files_of_at_most(size):
    """What a full disk is to a program: writes end in the middle."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_503_with_retry_after_and_leaves_nothing_half_written(ledger, bell, tmp_path):
    client = create_app(ledger, bell, secrets=SECRETS, now=lambda: NOW).test_client()
    body = json.loads(recorded("mlflow", "model_version.created"))
    body["padding"] = "x" * 200_000
    assert counts(ledger) == (0, 0, 0)
    with files_of_at_most(100_000):
        answer = post(client, "mlflow", json.dumps(body).encode())
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert (counts(ledger), bell.rings) == ((0, 0, 0), 0)
    assert post(client, "mlflow", json.dumps(body).encode()).json == {"status": "accepted"}
    assert counts(ledger) == (1, 1, 1)


def test_a_ledger_that_became_read_only_is_503_and_healthz_still_answers(ledger_url, bell):
    engine = open_ledger(ledger_url)
    event.listen(engine, "connect", lambda connection, _: connection.execute("pragma query_only = on"))
    client = create_app(engine, bell, secrets=SECRETS, now=lambda: NOW).test_client()
    answer = post(client, "mlflow", recorded("mlflow", "model_version.created"))
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
    assert client.get("/healthz").status_code == 200
    engine.dispose()
