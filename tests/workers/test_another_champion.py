"""Whoever waits is compared with the champion of now, also where the champion left before anyone saw it wait."""

import pytest

from ledger import judgements
from ledger.engine import reading, writing
from ledger.inbox import Delivery
from ledger.work import ring
from policies.verdicts import Vote
from registry.events import EventKind, RegistryEvent
from registry.memory import Seed
from registry.words import Stage
from tests.databases import ON_BOTH
from tests.reviewing import vote
from webhooks.take import Incoming, Intake
from workers.look import look
from workers.sweep import sweep, sweep_fully

pytestmark = pytest.mark.parametrize("database", ON_BOTH, indirect=True)
GOOD = Seed(tags={"owner": "ada"}, logged={"val_rmse": 4.0}, authors=frozenset({"ada"}))


def settle(keeper):
    for _ in range(30):
        if not look(keeper):
            break


def compared_with(keeper, version):
    with reading(keeper.ledger) as session:
        champion = judgements.evidence_of(session, judgements.latest(session, "plain", version)).champion
    return champion and champion.version


def stage_changed(version, before, after):
    return RegistryEvent(
        kind=EventKind.STAGE_CHANGED, model="plain", version=version, from_stage=before, to_stage=after
    )


@pytest.fixture
def waiting(keeper, registry, clock):
    """Version 1 is champion; version 2 was just sent to Staging by the gate, which nothing told of yet."""
    sweep(keeper, 50)
    registry.register("plain", GOOD)
    sweep(keeper, 50)
    settle(keeper)
    vote(
        keeper.ledger, keeper.policies(), model="plain", version=1,
        approval=("grace", Vote.APPROVE, ""), now=keeper.now(),
    )  # fmt: skip
    settle(keeper)
    sweep_fully(keeper)
    settle(keeper)
    registry.register("plain", GOOD)
    with writing(keeper.ledger) as session:
        ring(session, "plain", 2, keeper.now())
    settle(keeper)
    assert registry.version("plain", 2).stage is Stage.STAGING
    assert compared_with(keeper, 2) == 1
    clock.pass_(minutes=1)


def test_the_sweep_sees_the_champion_leave_before_it_sees_the_candidate_wait(keeper, registry, waiting):
    registry.transition("plain", 1, Stage.ARCHIVED)
    sweep(keeper, 50)
    settle(keeper)
    assert compared_with(keeper, 2) is None


def test_the_server_tells_late_of_our_own_move(keeper, registry, waiting):
    registry.transition("plain", 1, Stage.ARCHIVED)
    intake = Intake(keeper.ledger)
    for number, event in enumerate(
        (stage_changed(1, Stage.PRODUCTION, Stage.ARCHIVED), stage_changed(2, Stage.NONE, Stage.STAGING))
    ):
        intake.take(Incoming(Delivery(f"d-{number}", "gatehouse", "{}", keeper.now()), event))
    settle(keeper)
    assert compared_with(keeper, 2) is None


@pytest.fixture
def passed(keeper, registry, waiting):
    """Version 3 was champion between two sweeps, while version 2 was compared with it."""
    registry.transition("plain", 1, Stage.ARCHIVED)
    sweep(keeper, 50)
    settle(keeper)
    registry.register("plain", GOOD)
    registry.transition("plain", 3, Stage.PRODUCTION)
    with writing(keeper.ledger) as session:
        ring(session, "plain", 2, keeper.now())
    settle(keeper)
    registry.transition("plain", 3, Stage.ARCHIVED)
    sweep(keeper, 50)
    settle(keeper)
    assert compared_with(keeper, 2) == 3, "nothing that was seen concerns it"


def test_the_server_tells_of_a_champion_that_the_sweep_missed(keeper, passed):
    told = stage_changed(3, Stage.PRODUCTION, Stage.ARCHIVED)
    Intake(keeper.ledger).take(Incoming(Delivery("d-1", "gatehouse", "{}", keeper.now()), told))
    settle(keeper)
    assert compared_with(keeper, 2) is None


def test_the_full_sweep_finds_what_no_event_told(keeper, passed):
    sweep_fully(keeper)
    settle(keeper)
    assert compared_with(keeper, 2) is None
