"""A state that keeps every promise, made by the product itself over the registry in memory."""

from collections import Counter
from types import SimpleNamespace

import pytest

from ledger import inbox, work
from ledger.engine import open_ledger, writing
from ledger.inbox import Note
from ledger.migrate import upgrade
from policies.load import load_policies
from policies.verdicts import Vote
from registry.events import EventKind, RegistryEvent
from registry.memory import MemoryRegistry, Seed
from registry.words import Stage
from tests.chaos.facts import Wire, as_heard, read_ledger
from tests.chaos.sayings import OPERATOR
from tests.chaos.site import POLICIES
from tests.reviewing import vote
from tests.workers.conftest import Clock, Heard
from validation.sandbox import Sandbox
from workers import holding
from workers.gatekeeper import Gatekeeper
from workers.look import look
from workers.sweep import sweep_fully
from workers.tell import tell

MODEL = "asked-000"
GOOD = Seed(tags={"owner": "ada"}, logged={"val_rmse": 4.0}, authors=frozenset({"ada"}))
MOVES = [(1, Stage.STAGING), (2, Stage.STAGING), (1, Stage.PRODUCTION)]


class Slack(Heard):
    name = "slack"


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Version 1 is champion, version 2 waits for a reviewer: ledger, registry and what Slack heard."""
    ledger = open_ledger(f"sqlite:///{tmp_path_factory.mktemp('kept') / 'ledger.db'}")
    upgrade(ledger)
    clock, slack, book = Clock(), Slack(), load_policies(POLICIES)
    registry = MemoryRegistry(clock)
    with Sandbox(spares=0) as sandbox:
        keeper = Gatekeeper(
            registry=registry, ledger=ledger, policies=lambda: book, sandbox=sandbox, channels=(slack,),
            ring=lambda _: None, now=clock, environ={}, console_url="http://console.test", holder="test", product="0",
        )  # fmt: skip
        sweep_fully(keeper)
        for _ in range(2):
            ask_for_a_look(keeper, registry.register(MODEL, GOOD).version)
        run(keeper)
        approval = ("grace", Vote.APPROVE, "")
        vote(ledger, book, model=MODEL, version=1, approval=approval, now=clock())
        run(keeper)
        sweep_fully(keeper)
        run(keeper)
        hold_and_let_go(keeper)
        vote(ledger, book, model=MODEL, version=2, approval=approval, now=clock())
        vote(ledger, book, model=MODEL, version=2, approval=("grace", Vote.WITHDRAW, ""), now=clock())
        run(keeper)
    tell_of_changes(ledger, clock)
    yield ledger, registry, book, slack
    ledger.dispose()


@pytest.fixture
def kept(made):
    """The facts of it, read anew: a test may break them."""
    ledger, registry, book, slack = made
    facts = read_ledger(ledger, book)
    facts.versions = list(registry.everything())
    facts.changes = [change(number, *moved) for number, moved in enumerate(MOVES)]
    taken = {f"gatehouse:msg_{number}" for number in range(len(MOVES))}
    facts.taken = Counter(
        {
            (MODEL, 1, "grace", Vote.APPROVE): 1,
            (MODEL, 2, "grace", Vote.APPROVE): 1,
            (MODEL, 2, "grace", Vote.WITHDRAW): 1,
        }
    )
    facts.held = {row.id: row.at for row in facts.holds}
    facts.wire = Wire(taken=taken, forged={"forged-1"})
    facts.wire.heard.update(as_heard(message.model_dump_json()) for message in slack.messages)
    return facts


def hold_and_let_go(keeper):
    for act in (holding.hold, holding.resume):
        act(keeper.ledger, OPERATOR, MODEL, "by chance", keeper.now())
        run(keeper)


def ask_for_a_look(keeper, version):
    with writing(keeper.ledger) as session:
        work.ring(session, MODEL, version, keeper.now())


def run(keeper):
    while look(keeper):
        pass
    tell(keeper)


def change(number, version, stage):
    return SimpleNamespace(
        message_id=f"msg_{number}", name=MODEL, version=version, to_stage=stage.value, delivered_ms=1
    )


def tell_of_changes(ledger, clock):
    with writing(ledger) as session:
        for number, (version, stage) in enumerate(MOVES):
            name = f"gatehouse:msg_{number}"
            event = RegistryEvent(kind=EventKind.STAGE_RETOLD, model=MODEL, version=version, to_stage=stage)
            inbox.store_delivery(session, delivery_id=name, source="gatehouse", body="{}", now=clock())
            inbox.record_events(session, [Note(event, "gatehouse webhook", clock(), name, "known")])
