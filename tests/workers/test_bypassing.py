"""A move into Production around the gate: seen by the sweep, reported, undone if the policy says so."""

import pytest

from ledger import actions, approvals, judgements, work
from ledger.engine import reading, writing
from ledger.history import timeline
from notifications.message import MessageKind
from policies.verdicts import Approval, Vote
from registry.memory import Seed
from registry.words import Stage
from workers.look import look
from workers.sweep import sweep, sweep_fully
from workers.tell import tell

GOOD = Seed(tags={"owner": "ada"}, logged={"val_rmse": 4.0}, authors=frozenset({"ada"}))
DEPTH = 50


def look_on(keeper):
    for _ in range(30):
        if not look(keeper):
            return
    pytest.fail("the work never ends")


def run(keeper):
    sweep(keeper, DEPTH)
    look_on(keeper)
    tell(keeper)
    sweep(keeper, DEPTH)


def stages(registry):
    return {v.version: v.stage for v in registry.versions("plain")}


def approve(keeper, version):
    with writing(keeper.ledger) as session:
        judged = judgements.latest(session, "plain", version)
        given = Approval(
            reviewer="grace", vote=Vote.APPROVE, evidence_digest=judged.evaluation.evidence_digest,
            policy_digest=judged.evaluation.policy_digest, at=keeper.now(),
        )  # fmt: skip
        approvals.add(session, "plain", version, given)
        work.ring(session, "plain", version, keeper.now())


@pytest.fixture
def champion(keeper, registry, clock):
    """Version 1 in Production by the gate, version 2 waiting in Staging."""
    sweep(keeper, DEPTH)
    registry.register("plain", GOOD)
    run(keeper)
    approve(keeper, 1)
    run(keeper)
    clock.pass_(minutes=1)
    registry.register("plain", GOOD)
    run(keeper)
    assert stages(registry) == {1: Stage.PRODUCTION, 2: Stage.STAGING}
    clock.pass_(minutes=1)


@pytest.fixture
def reverting(policies):
    policy = policies / "plain.yaml"
    policy.write_text(policy.read_text() + "    on_bypass: revert\n")


def problems(heard):
    return [m for m in heard.messages if m.kind is MessageKind.PROBLEM]


@pytest.mark.parametrize("archive", [True, False], ids=["archiving the champion", "beside the champion"])
def test_a_move_around_the_gate_is_reported_once_and_left(keeper, registry, heard, champion, archive):
    registry.transition("plain", 2, Stage.PRODUCTION, archive_existing=archive)
    for _ in range(3):
        run(keeper)
    assert stages(registry)[2] is Stage.PRODUCTION
    assert len(problems(heard)) == 1
    assert "version 2 was moved to Production around the gate" in problems(heard)[0].text
    assert ("version 1 is in Production as well" in problems(heard)[0].text) is not archive


@pytest.mark.parametrize("archive", [True, False], ids=["archiving the champion", "beside the champion"])
def test_a_move_around_the_gate_is_undone_if_the_policy_says_so(
    keeper, registry, heard, reverting, champion, clock, archive
):
    registry.transition("plain", 2, Stage.PRODUCTION, archive_existing=archive)
    for _ in range(3):
        run(keeper)
        clock.pass_(minutes=1)
    assert stages(registry) == {1: Stage.PRODUCTION, 2: Stage.STAGING}
    assert len(problems(heard)) == 1
    with reading(keeper.ledger) as session:
        said = [entry.sentence for entry in timeline(session, "plain", 2)]
    assert any("undone, as the policy says" in sentence for sentence in said)


def test_nothing_is_undone_twice_nor_the_gates_own_moves_ever(keeper, registry, reverting, champion, clock):
    before = stages(registry)
    for _ in range(3):
        run(keeper)
        clock.pass_(minutes=10)
    assert stages(registry) == before


def test_a_rollback_by_hand_to_an_older_champion_is_a_bypass_too(
    keeper, registry, reverting, champion, clock
):
    approve(keeper, 2)
    run(keeper)
    assert stages(registry) == {1: Stage.ARCHIVED, 2: Stage.PRODUCTION}
    clock.pass_(minutes=1)
    registry.transition("plain", 1, Stage.PRODUCTION, archive_existing=True)
    for _ in range(3):
        run(keeper)
        clock.pass_(minutes=1)
    assert stages(registry) == {1: Stage.ARCHIVED, 2: Stage.PRODUCTION}


def test_taking_a_champion_out_by_hand_is_a_persons_right(keeper, registry, reverting, champion):
    registry.transition("plain", 1, Stage.ARCHIVED)
    run(keeper)
    assert stages(registry)[1] is Stage.ARCHIVED


def test_who_waits_is_judged_anew_where_a_champion_was_taken_out_by_hand(keeper, registry, champion):
    registry.transition("plain", 1, Stage.ARCHIVED)
    run(keeper)
    with reading(keeper.ledger) as session:
        assert judgements.evidence_of(session, judgements.latest(session, "plain", 2)).champion is None


class Killed(BaseException):
    """What a kill leaves."""


@pytest.mark.parametrize("call", [1, 2], ids=["first request", "second request"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_worker_killed_while_it_undoes_is_finished_by_the_next(
    keeper, registry, reverting, champion, clock, monkeypatch, call, after
):
    registry.transition("plain", 2, Stage.PRODUCTION, archive_existing=True)
    sweep(keeper, DEPTH)
    real, calls = registry.transition, []

    def dies(*args, **kwargs):
        calls.append(args)
        if len(calls) < call:
            return real(*args, **kwargs)
        if after:
            real(*args, **kwargs)
        raise Killed

    monkeypatch.setattr(registry, "transition", dies)
    with pytest.raises(Killed):
        look_on(keeper)
    monkeypatch.setattr(registry, "transition", real)
    for _ in range(4):
        clock.pass_(minutes=5)
        run(keeper)
    assert stages(registry) == {1: Stage.PRODUCTION, 2: Stage.STAGING}
    with reading(keeper.ledger) as session:
        for version in (1, 2):
            assert actions.planned(session, judgements.latest(session, "plain", version).id) == []


@pytest.mark.parametrize("alone", [True, False], ids=["one champion", "several allowed"])
def test_two_champions_that_were_there_before_are_reported_once_and_left(
    keeper, registry, heard, policies, clock, alone
):
    if not alone:
        policy = policies / "plain.yaml"
        policy.write_text(policy.read_text().replace("archive_existing: true", "archive_existing: false"))
    for name in ("plain", "unguarded"):
        for version in (1, 2):
            registry.register(name, GOOD)
            registry.transition(name, version, Stage.PRODUCTION)
    for _ in range(3):
        sweep_fully(keeper)
        look_on(keeper)
        tell(keeper)
        clock.pass_(minutes=5)
    said = "versions 1, 2 are in Production at once; archive all but one"
    assert [(m.model, m.text) for m in heard.messages] == ([("plain", said)] if alone else [])
    assert stages(registry) == {1: Stage.PRODUCTION, 2: Stage.PRODUCTION}
