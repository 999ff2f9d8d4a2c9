"""Who is told what: machines of each decision and move, once; those who follow all, those who mute nothing."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from ledger import follows, outbox
from ledger.engine import reading, writing
from ledger.history import timeline
from ledger.tables import MessageRow
from notifications.events import EVENT_TYPES
from notifications.message import Message
from policies.verdicts import Vote
from registry.memory import Seed
from registry.words import Stage
from tests.reviewing import vote
from tests.workers.conftest import Heard
from workers.look import look
from workers.sweep import sweep_fully
from workers.tell import tell

GOOD = Seed(tags={"owner": "ada"}, logged={"val_rmse": 4.0}, authors=frozenset({"ada"}))
BAD = Seed(tags={"owner": "ada"}, logged={"val_rmse": 9.0}, authors=frozenset({"ada"}))


class Machine(Heard):
    """A channel for events."""

    name = "deploy"

    def takes(self, message):
        return message.event is not None


class Log(Heard):
    name = "log"


@pytest.fixture
def machine():
    return Machine()


@pytest.fixture
def gate(keeper, heard, machine):
    sweep_fully(keeper)  # the first only takes stock
    return replace(keeper, channels=(heard, machine))


def work(gate):
    sweep_fully(gate)
    while look(gate):
        pass
    tell(gate)


def promote(gate, registry, seed=GOOD):
    version = registry.register("plain", seed).version
    work(gate)
    if seed is GOOD:
        given = ("grace", Vote.APPROVE, "")
        vote(gate.ledger, gate.policies(), model="plain", version=version, approval=given, now=gate.now())
        work(gate)
    return version


def events(machine):
    return [(m.event.type, m.event.data.version, m.event.data.answer) for m in machine.messages]


def test_machines_hear_of_each_decision_and_move_once_in_order(gate, registry, machine):
    promote(gate, registry)
    for _ in range(2):
        work(gate)
    assert events(machine) == [
        ("decision.taken", 1, "promote"),
        ("version.moved", 1, "promote"),
        ("decision.taken", 1, "ask"),
        ("decision.taken", 1, "promote"),
        ("version.promoted", 1, "promote"),
    ]
    last = machine.messages[-1].event.data
    assert (last.to_stage, last.replaced, last.policy) == (Stage.PRODUCTION, None, "plain")
    assert last.source
    promote(gate, registry)
    assert machine.messages[-1].event.data.replaced == 1
    assert {kind for kind, _, _ in events(machine)} < set(EVENT_TYPES)


def test_a_champion_that_comes_back_is_a_rollback(gate, registry, machine, policies, clock):
    text = (policies / "plain.yaml").read_text()
    (policies / "plain.yaml").write_text(text.replace("approvals: 1", "approvals: 1\n    on_bypass: revert"))
    promote(gate, registry)
    clock.pass_(minutes=1)
    registry.register("plain", GOOD)
    work(gate)
    clock.pass_(minutes=1)
    registry.transition("plain", 2, Stage.PRODUCTION, archive_existing=True)
    for _ in range(3):
        work(gate)
        clock.pass_(minutes=1)
    assert registry.version("plain", 1).stage is Stage.PRODUCTION
    back = [m.event.data for m in machine.messages if m.event.type == "version.rolled_back"]
    assert [(each.version, each.replaced) for each in back] == [(1, 2)]


def test_who_follows_is_told_what_others_are_told_once(gate, registry, heard):
    with writing(gate.ledger) as session:
        follows.put(session, "plain", "#followers", "follow", gate.now())
    promote(gate, registry, BAD)
    work(gate)
    told = [(message.channel, message.title) for message in heard.messages]
    assert {channel for channel, _ in told} >= {"#followers"}
    assert len(told) == len(set(told))
    others = {title for channel, title in told if channel != "#followers"}
    assert {title for channel, title in told if channel == "#followers"} == others


def test_who_mutes_a_model_is_told_nothing_of_it_and_the_log_keeps_it(gate, registry, heard):
    log = Log()
    with writing(gate.ledger) as session:
        follows.put(session, "plain", "reviewers", "mute", gate.now())
    promote(replace(gate, channels=(heard, log)), registry)
    assert "reviewers" not in {message.channel for message in heard.messages}
    assert "reviewers" in {message.channel for message in log.messages}
    with writing(gate.ledger) as session:
        assert follows.end(session, "plain", "reviewers")
        assert not follows.end(session, "plain", "reviewers")
    promote(gate, registry)
    assert "reviewers" in {message.channel for message in heard.messages}


def test_nothing_is_left_in_the_outbox(gate, registry):
    promote(gate, registry)
    with reading(gate.ledger) as session:
        assert set(session.scalars(select(MessageRow.state))) == {"sent"}


def test_what_is_only_shown_or_for_machines_is_no_message_to_people(gate, registry):
    promote(gate, registry)
    with reading(gate.ledger) as session:
        told = [Message.model_validate_json(row.message) for row in outbox.messages(session)]
        lines = [entry.sentence for entry in timeline(session, "plain") if entry.kind == "message"]
    assert told
    assert not any(each.quiet for each in told)
    assert any("to webhooks by deploy: version.promoted: plain 1" in line for line in lines)


def test_a_channel_that_fails_as_nobody_foresaw_is_noted_without_its_words_and_tried_again(
    gate, registry, clock
):
    class Broken(Heard):
        broken = True

        def send(self, message, **more):
            if self.broken:
                raise RuntimeError("https://s3cr3t")
            super().send(message, **more)

    broken = Broken()
    failing = replace(gate, channels=(broken,))
    registry.register("plain", BAD)
    sweep_fully(failing)
    while look(failing):
        pass
    with pytest.raises(RuntimeError):
        tell(failing)
    with reading(gate.ledger) as session:
        assert "its channel failed: RuntimeError" in session.scalars(select(MessageRow.problem)).all()
    broken.broken = False
    clock.pass_(minutes=1)
    tell(failing)
    assert broken.messages
