"""The main job on one version, over the in-memory registry and a real ledger."""

import pytest

from ledger import actions, judgements, outbox, work
from ledger.engine import reading, writing
from ledger.history import timeline
from notifications.message import MessageKind
from policies.verdicts import Answer, Vote
from registry.memory import Seed
from registry.words import Stage
from tests.reviewing import vote
from workers.look import look
from workers.review import NotJudged, VoteRefused
from workers.sweep import sweep
from workers.tell import tell

GOOD = Seed(tags={"owner": "ada"}, logged={"val_rmse": 4.0}, authors=frozenset({"ada"}))
BAD = Seed(tags={"owner": "ada"}, logged={"val_rmse": 9.0}, authors=frozenset({"ada"}))
OWNERLESS = Seed(logged={"val_rmse": 4.0})


def ring(keeper, model, version):
    with writing(keeper.ledger) as session:
        work.ring(session, model, version, keeper.now())


def run(keeper):
    looks = 0
    while look(keeper):
        looks += 1
        assert looks < 20, "the work never ends"
    tell(keeper)


def stages(registry, model="plain"):
    return {v.version: v.stage for v in registry.versions(model)}


def latest(keeper, version, model="plain"):
    with reading(keeper.ledger) as session:
        return judgements.latest(session, model, version)


def approve(keeper, version, reviewer="grace", said=Vote.APPROVE):
    return vote(
        keeper.ledger, keeper.policies(), model="plain", version=version,
        approval=(reviewer, said, "fine"), now=keeper.now(),
    )  # fmt: skip


@pytest.fixture
def champion(keeper, registry):
    """Version 1 in Production, by the gate."""
    registry.register("plain", GOOD)
    ring(keeper, "plain", 1)
    run(keeper)
    approve(keeper, 1)
    run(keeper)
    assert stages(registry) == {1: Stage.PRODUCTION}


def test_a_good_version_goes_to_staging_and_waits_there_for_a_person(keeper, registry, heard):
    registry.register("plain", GOOD)
    ring(keeper, "plain", 1)
    run(keeper)
    assert stages(registry) == {1: Stage.STAGING}
    assert latest(keeper, 1).decision.answer is Answer.ASK
    asked = [m for m in heard.messages if m.kind is MessageKind.ASKED]
    assert [m.channel for m in asked] == ["reviewers"]
    assert "gatehouse approve plain 1" in asked[0].ask.command


def test_an_approved_version_becomes_the_champion_and_people_are_told_once(keeper, registry, heard, champion):
    assert registry.version("plain", 1).aliases == {"champion"}
    assert [m.channel for m in heard.messages if m.kind is MessageKind.PROMOTED] == ["#team"]


def test_the_next_champion_archives_the_one_before(keeper, registry, champion):
    registry.register("plain", GOOD)
    ring(keeper, "plain", 2)
    run(keeper)
    approve(keeper, 2)
    run(keeper)
    assert stages(registry) == {1: Stage.ARCHIVED, 2: Stage.PRODUCTION}


def test_a_bad_version_is_archived_and_its_author_is_told_why(keeper, registry, heard, champion):
    registry.register("plain", BAD)
    ring(keeper, "plain", 2)
    run(keeper)
    assert stages(registry) == {1: Stage.PRODUCTION, 2: Stage.ARCHIVED}
    told = next(m for m in heard.messages if m.kind is MessageKind.REJECTED)
    assert told.channel == "author"
    assert "9" in told.text
    assert "5" in told.text


def test_a_version_without_an_owner_stays_where_it_is(keeper, registry):
    registry.register("plain", OWNERLESS)
    ring(keeper, "plain", 1)
    run(keeper)
    assert stages(registry) == {1: Stage.NONE}
    assert latest(keeper, 1).decision.answer is Answer.REJECT


def test_a_tag_that_comes_later_is_judged_again(keeper, registry):
    registry.register("plain", OWNERLESS)
    ring(keeper, "plain", 1)
    run(keeper)
    registry.set_tag("plain", 1, "owner", "ada")
    ring(keeper, "plain", 1)
    run(keeper)
    assert stages(registry) == {1: Stage.STAGING}


def test_looking_again_at_an_unchanged_version_adds_nothing(keeper, registry, heard):
    registry.register("plain", GOOD)
    ring(keeper, "plain", 1)
    run(keeper)
    with reading(keeper.ledger) as session:
        before = timeline(session, "plain")
    told = len(heard.messages)
    for _ in range(3):
        ring(keeper, "plain", 1)
        run(keeper)
    with reading(keeper.ledger) as session:
        assert timeline(session, "plain") == before
    assert len(heard.messages) == told


def test_an_approval_is_void_when_the_evidence_changes(keeper, registry):
    registry.register("plain", GOOD)
    ring(keeper, "plain", 1)
    run(keeper)
    approve(keeper, 1)
    registry.set_tag("plain", 1, "note", "something new")
    run(keeper)
    assert stages(registry) == {1: Stage.STAGING}
    assert latest(keeper, 1).decision.answer is Answer.ASK


def test_a_reviewers_no_archives(keeper, registry):
    registry.register("plain", GOOD)
    ring(keeper, "plain", 1)
    run(keeper)
    approve(keeper, 1, said=Vote.REJECT)
    run(keeper)
    assert stages(registry) == {1: Stage.ARCHIVED}


def test_nobody_approves_their_own_version(keeper, registry):
    registry.register("plain", GOOD)
    ring(keeper, "plain", 1)
    run(keeper)
    with pytest.raises(VoteRefused, match="nobody approves their own"):
        approve(keeper, 1, reviewer="Ada")


def test_what_was_not_judged_cannot_be_approved(keeper, registry):
    registry.register("plain", GOOD)
    with pytest.raises(NotJudged):
        approve(keeper, 1)


def test_what_waits_for_nobody_cannot_be_approved(keeper, registry, champion):
    with pytest.raises(VoteRefused, match="waits for nobody"):
        approve(keeper, 1)


def test_a_model_without_policy_is_reported_once_and_left_alone(keeper, registry, heard):
    for _ in range(2):
        version = registry.register("stray", GOOD).version
        ring(keeper, "stray", version)
        run(keeper)
    assert stages(registry, "stray") == {1: Stage.NONE, 2: Stage.NONE}
    assert [m.kind for m in heard.messages] == [MessageKind.UNGUARDED]


def test_two_policies_for_one_model_are_reported_and_nothing_moves(keeper, registry, policies, heard, clock):
    (policies / "other.yaml").write_text(
        (policies / "plain.yaml").read_text().replace("policy: plain", "policy: x")
    )
    registry.register("plain", GOOD)
    ring(keeper, "plain", 1)
    run(keeper)
    assert stages(registry) == {1: Stage.NONE}
    assert [m.kind for m in heard.messages] == [MessageKind.PROBLEM]
    (policies / "other.yaml").unlink()
    clock.pass_(minutes=1)
    run(keeper)
    assert stages(registry) == {1: Stage.STAGING}


def test_a_version_whose_files_are_gone_is_rejected_with_that_reason(keeper, registry, heard, champion):
    version = registry.register("plain", GOOD).version
    registry.lose_files("plain", version)
    ring(keeper, "plain", version)
    run(keeper)
    assert latest(keeper, version).decision.answer is Answer.REJECT
    assert "no MLmodel file" in " ".join(latest(keeper, version).decision.reasons)


def test_a_version_that_was_deleted_is_forgotten(keeper, registry):
    registry.register("plain", GOOD)
    ring(keeper, "plain", 1)
    registry.delete("plain", 1)
    assert look(keeper)
    assert not look(keeper)


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


class Killed(BaseException):
    """What a kill leaves: nothing after it runs."""


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


def test_audit_mode_judges_and_moves_nothing(keeper, registry, policies):
    policy = policies / "plain.yaml"
    policy.write_text(policy.read_text().replace("models:", "mode: audit\nmodels:"))
    registry.register("plain", GOOD)
    ring(keeper, "plain", 1)
    run(keeper)
    assert stages(registry) == {1: Stage.NONE}
    assert latest(keeper, 1).decision.answer is Answer.PROMOTE


def test_messages_wait_in_the_outbox_until_they_are_taken(keeper, registry):
    registry.register("stray", GOOD)
    ring(keeper, "stray", 1)
    look(keeper)
    with reading(keeper.ledger) as session:
        assert outbox.waiting(session, keeper.now())
    assert tell(keeper) == 1
    with reading(keeper.ledger) as session:
        assert not outbox.waiting(session, keeper.now())


def test_a_decision_keeps_the_tags_that_its_policy_was_chosen_by(keeper, registry, policies):
    text = (policies / "plain.yaml").read_text().replace("policy: plain", "policy: gold")
    (policies / "gold.yaml").write_text(text.replace("5.0", "3.0") + "tagged: {tier: gold}\n")
    registry.register("plain", GOOD)
    registry.tag_model("plain", "tier", "gold")
    ring(keeper, "plain", 1)
    run(keeper)
    judgement = latest(keeper, 1)
    assert (judgement.evaluation.policy, judgement.decision.answer) == ("gold", Answer.REJECT)
    assert judgement.decision.model_tags == {"tier": "gold"}


def test_a_tag_that_changes_nothing_is_no_new_decision(keeper, registry, policies):
    (policies / "gold.yaml").write_text(
        (policies / "plain.yaml").read_text().replace("policy: plain", "policy: gold")
        + "tagged: {tier: gold}\n"
    )
    registry.register("plain", GOOD)
    ring(keeper, "plain", 1)
    run(keeper)
    before = latest(keeper, 1)
    registry.tag_model("plain", "team", "fares")
    ring(keeper, "plain", 1)
    run(keeper)
    assert latest(keeper, 1) == before
    assert (before.decision.answer, before.decision.model_tags) == (Answer.ASK, {})


def test_tags_that_no_policy_asks_for_are_not_kept(keeper, registry):
    registry.register("plain", GOOD)
    ring(keeper, "plain", 1)
    run(keeper)
    assert latest(keeper, 1).decision.model_tags is None
