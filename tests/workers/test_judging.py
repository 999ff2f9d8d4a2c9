"""The main job on one version, over the in-memory registry and a real ledger."""

import pytest

from ledger import outbox
from ledger.engine import reading
from ledger.history import timeline
from notifications.message import MessageKind
from policies.verdicts import Answer, Vote
from registry.words import Stage
from tests.workers.judging import BAD, GOOD, OWNERLESS, approve, latest, ring, run, stages
from workers.look import look
from workers.review import NotJudged, VoteRefused
from workers.tell import tell


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
