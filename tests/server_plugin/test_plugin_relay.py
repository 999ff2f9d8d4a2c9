"""How changes leave the outbox: in order, at least once, whoever dies or refuses."""

import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select

from registry.server_plugin import outbox
from registry.server_plugin.errors import ChangeRefused, ReceiverUnavailable
from registry.server_plugin.relay import HOLD_S, KEEP_S, Relay, backoff
from registry.server_plugin.wire import Change


class Clock:
    """Unix seconds that only a test moves."""

    def __init__(self):
        self.at = 1_000_000.0

    def __call__(self):
        return self.at


class Wire:
    """What was sent, and the error that the next attempts of some version meet."""

    def __init__(self):
        self.sent = []
        self.errors = {}

    def __call__(self, change):
        if error := self.errors.get(change.version):
            raise error
        self.sent.append((change.version, change.to_stage))


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def wire():
    return Wire()


@pytest.fixture
def relay(engine, wire, clock):
    return Relay(engine, wire, clock)


def write(engine, *changes):
    with engine.begin() as connection:
        for version, stage in changes:
            number = len(connection.execute(select(outbox.table)).all())
            told = Change(f"msg_{number}", "taxi", version, "None", stage, None, "default", number)
            outbox.add(connection, told)


def drain(relay):
    outcomes = []
    while (outcome := relay.deliver_one()) == "delivered" or outcome == "refused":
        outcomes.append(outcome)
    return outcomes


def test_an_empty_outbox_sends_nothing(relay, wire):
    assert relay.deliver_one() == "nothing waits"
    assert wire.sent == []


def test_changes_go_out_once_in_their_order(engine, relay, wire):
    written = [(1, "Staging"), (2, "Staging"), (1, "Production"), (2, "Archived")]
    write(engine, *written)
    assert drain(relay) == ["delivered"] * 4
    assert wire.sent == written
    assert drain(relay) == []


def test_while_the_receiver_is_away_a_change_stays_first(engine, relay, wire):
    write(engine, (1, "Staging"), (1, "Production"))
    wire.errors[1] = ReceiverUnavailable("away")
    assert [relay.deliver_one() for _ in range(3)] == ["unavailable"] * 3
    wire.errors.clear()
    assert drain(relay) == ["delivered"] * 2
    assert wire.sent == [(1, "Staging"), (1, "Production")]


def test_a_refused_change_holds_up_its_own_version_alone(engine, relay, wire, clock):
    write(engine, (1, "Staging"), (1, "Production"), (2, "Staging"))
    wire.errors[1] = ChangeRefused("not understood")
    assert drain(relay) == ["refused", "delivered"]
    assert wire.sent == [(2, "Staging")]
    wire.errors.clear()
    clock.at += 5
    assert drain(relay) == ["delivered"] * 2
    assert wire.sent[1:] == [(1, "Staging"), (1, "Production")]


def test_a_change_taken_by_another_process_is_left_alone(engine, relay, wire, clock):
    write(engine, (1, "Staging"), (1, "Production"), (2, "Staging"))
    theirs = outbox.take(engine, now_ms=int(clock.at * 1000), until_ms=int((clock.at + HOLD_S) * 1000))
    assert theirs.change.to_stage == "Staging"
    assert drain(relay) == ["delivered"]
    assert wire.sent == [(2, "Staging")]


def test_what_a_dead_process_had_taken_is_delivered_by_another(engine, relay, wire, clock):
    write(engine, (1, "Staging"))
    outbox.take(engine, now_ms=int(clock.at * 1000), until_ms=int((clock.at + HOLD_S) * 1000))
    assert drain(relay) == []
    clock.at += HOLD_S
    assert drain(relay) == ["delivered"]


def test_one_change_written_late_with_a_lower_number_is_found(engine, relay, wire, clock):
    """Across versions, numbers are not the order of commits."""
    write(engine, (1, "Staging"), (2, "Staging"))
    with engine.begin() as connection:
        connection.execute(
            outbox.table.update().where(outbox.table.c.seq == 1).values(delivered_ms=int(clock.at * 1000))
        )
    assert drain(relay) == ["delivered"]
    with engine.begin() as connection:
        connection.execute(
            outbox.table.update().where(outbox.table.c.seq == 1).values(delivered_ms=None, due_ms=0)
        )
    assert drain(relay) == ["delivered"]
    assert wire.sent == [(2, "Staging"), (1, "Staging")]


def test_the_same_name_in_two_workspaces_is_two_models(engine, relay, wire):
    with engine.begin() as connection:
        for number, space in enumerate(("red", "blue", None)):
            outbox.add(connection, Change(f"msg_{number}", "taxi", 1, None, "Staging", None, space, 0))
    outbox.take(engine, now_ms=1, until_ms=2**50)
    assert drain(relay) == ["delivered"] * 2


def test_what_was_delivered_long_ago_is_forgotten(engine, relay, wire, clock):
    write(engine, (1, "Staging"))
    drain(relay)
    wire.errors[2] = ChangeRefused("not understood")
    write(engine, (2, "Staging"))
    clock.at += KEEP_S + 60
    drain(relay)
    with engine.connect() as connection:
        assert [row.version for row in connection.execute(select(outbox.table))] == [2]


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 0.25), (2, 0.5), (4, 2.0), (7, 15.0), (10_000, 15.0)])
def test_pauses_grow_to_a_limit(attempts, seconds):
    assert backoff(attempts, 0.25, 15.0) == seconds


_steps = st.lists(st.sampled_from(["take", "die", "send", "pass"]), max_size=60)


@settings(max_examples=40, deadline=None)
@given(versions=st.lists(st.integers(1, 3), max_size=8), steps=_steps)
def test_whatever_dies_every_change_arrives_in_its_versions_order(versions, steps):
    """Two processes at once: one that takes and dies, one that is our relay; first arrivals are in order."""
    engine = create_engine("sqlite://")
    outbox.make_table(engine)
    clock, wire = Clock(), Wire()
    relay = Relay(engine, wire, clock)
    write(engine, *((version, f"stage {number}") for number, version in enumerate(versions)))
    theirs = None
    for step in [*steps, "die", *["pass", "send"] * 3]:
        now = int(clock.at * 1000)
        if step == "take" and theirs is None:
            theirs = outbox.take(engine, now_ms=now, until_ms=now + int(HOLD_S * 1000))
        elif step == "die" and theirs is not None:
            wire(theirs.change)  # it was sent, and killed before it could say so
            theirs = None
        elif step == "send":
            drain(relay)
        elif step == "pass" and theirs is None:
            clock.at += HOLD_S
    drain(relay)
    first = list(dict.fromkeys(wire.sent))
    for version in set(versions):
        wanted = [f"stage {number}" for number, each in enumerate(versions) if each == version]
        assert [stage for each, stage in first if each == version] == wanted
    engine.dispose()


def test_two_relays_share_the_work_and_send_nothing_twice(tmp_path, inbox):
    engine = create_engine(f"sqlite:///{tmp_path / 'shared.db'}")
    outbox.make_table(engine)
    sent, lock = [], threading.Lock()

    def send(change):
        with lock:
            sent.append((change.version, change.message_id))

    write(engine, *((number % 7, "Staging") for number in range(60)))
    relays = [Relay(engine, send, time.time) for _ in range(3)]
    for each in relays:
        each.start()
    deadline = time.monotonic() + 20
    while len(sent) < 60 and time.monotonic() < deadline:
        time.sleep(0.02)
    for each in relays:
        each.stop()
    assert len(sent) == len(set(sent)) == 60
    for version in range(7):
        numbers = [int(message[4:]) for each, message in sent if each == version]
        assert numbers == sorted(numbers)
    engine.dispose()


def test_a_relay_that_was_never_started_starts_when_it_is_rung(engine):
    """As after a fork, which takes no thread along."""
    sent = threading.Event()
    relay = Relay(engine, lambda _change: sent.set(), time.time)
    write(engine, (1, "Staging"))
    relay.ring()
    assert sent.wait(10)
    relay.stop()
