"""Judging while the registry is away, a worker dies, or somebody else moves versions."""

import pytest

from ledger import actions, judgements, work
from ledger.engine import reading, writing
from notifications.message import MessageKind
from policies.verdicts import Answer
from registry.words import Stage
from tests.workers.judging import GOOD, Killed, approve, latest, ring, run, stages
from workers.look import look
from workers.sweep import sweep


def test_an_outage_of_the_registry_postpones_and_loses_nothing(keeper, registry, clock):
    registry.register("plain", GOOD)
    ring(keeper, "plain", 1)
    registry.outage = "no route to host"
    assert look(keeper)
    assert not look(keeper)
    registry.outage = None
    clock.pass_(seconds=10)
    run(keeper)
    assert stages(registry) == {1: Stage.STAGING}


def test_a_dead_workers_claim_is_taken_over_when_its_lease_ends(keeper, registry, clock):
    registry.register("plain", GOOD)
    ring(keeper, "plain", 1)
    with writing(keeper.ledger) as session:
        assert work.claim(session, keeper.now()) is not None
    assert not look(keeper)
    clock.pass_(seconds=61)
    run(keeper)
    assert stages(registry) == {1: Stage.STAGING}


@pytest.mark.parametrize(
    "point", ["before the move", "after the move", "before the alias", "after the alias"]
)
def test_a_worker_killed_within_a_promotion_is_finished_by_the_next(
    keeper, registry, heard, clock, monkeypatch, point
):
    registry.register("plain", GOOD)
    ring(keeper, "plain", 1)
    run(keeper)
    approve(keeper, 1)
    name = "transition" if "move" in point else "set_alias"
    real = getattr(registry, name)

    def dies(*args, **kwargs):
        if "after" in point:
            real(*args, **kwargs)
        raise Killed

    monkeypatch.setattr(registry, name, dies)
    with pytest.raises(Killed):
        look(keeper)
    monkeypatch.setattr(registry, name, real)
    clock.pass_(minutes=5)
    run(keeper)
    assert stages(registry) == {1: Stage.PRODUCTION}
    assert registry.version("plain", 1).aliases == {"champion"}
    assert [m.channel for m in heard.messages if m.kind is MessageKind.PROMOTED] == ["#team"]
    with reading(keeper.ledger) as session:
        assert actions.planned(session, latest(keeper, 1).id) == []


def test_a_version_moved_by_somebody_else_meanwhile_is_not_moved_again(keeper, registry, monkeypatch):
    registry.register("plain", GOOD)
    ring(keeper, "plain", 1)
    run(keeper)
    approve(keeper, 1)
    facts = registry.facts

    def moved_meanwhile(version):
        registry.transition("plain", 1, Stage.ARCHIVED)
        return facts(version)

    monkeypatch.setattr(registry, "facts", moved_meanwhile)
    assert look(keeper)
    assert stages(registry) == {1: Stage.ARCHIVED}


def test_a_champion_that_changed_meanwhile_means_judging_anew(keeper, registry, clock, monkeypatch, champion):
    registry.register("plain", GOOD)
    registry.register("plain", GOOD)
    for version in (2, 3):
        ring(keeper, "plain", version)
    run(keeper)
    for version in (2, 3):
        approve(keeper, version)
    run(keeper)
    assert sorted(stages(registry).values()) == [Stage.ARCHIVED, Stage.PRODUCTION, Stage.STAGING]
    clock.pass_(minutes=10)
    sweep(keeper, 100)
    run(keeper)
    assert sorted(stages(registry).values()) == [Stage.ARCHIVED, Stage.PRODUCTION, Stage.STAGING]
    assert {latest(keeper, v).decision.answer for v in (2, 3)} == {Answer.PROMOTE, Answer.ASK}


def test_who_waits_for_approval_is_compared_with_the_new_champion_though_no_sweep_has_seen_it(
    keeper, registry
):
    for version in (1, 2):
        registry.register("plain", GOOD)
        ring(keeper, "plain", version)
    run(keeper)
    approve(keeper, 1)
    run(keeper)
    assert stages(registry) == {1: Stage.PRODUCTION, 2: Stage.STAGING}
    with reading(keeper.ledger) as session:
        assert judgements.evidence_of(session, latest(keeper, 2)).champion.version == 1
