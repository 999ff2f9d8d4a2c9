"""A rejected version that is asked about again."""

import pytest

from policies.verdicts import Answer
from registry.words import Stage
from tests.workers.conftest import PLAIN
from tests.workers.judging import GOOD, latest, ring, run, stages
from tests.workers.reviewing import act
from workers.review import VoteRefused


@pytest.fixture
def rejected(keeper, registry, waiting):
    """Version 1 was approved by one and rejected by another, so it was archived."""
    act(keeper, "approve", "grace")
    act(keeper, "reject", "linus", "JFK fares are off")
    run(keeper)
    assert stages(registry) == {1: Stage.ARCHIVED}


def test_what_was_rejected_is_asked_about_again_from_the_beginning(keeper, registry, heard, rejected):
    act(keeper, "request", "grace", "the JFK figures were of last year")
    run(keeper)
    assert stages(registry) == {1: Stage.STAGING}
    decision = latest(keeper, 1).decision
    assert (decision.answer, decision.asked) == (Answer.ASK, ("pricing (2)",))
    assert decision.reasons[0] == "asked again by grace: the JFK figures were of last year"
    act(keeper, "approve", "linus")
    run(keeper)
    assert stages(registry) == {1: Stage.STAGING}, "grace approved before it was rejected, and not since"
    act(keeper, "approve", "grace")
    run(keeper)
    assert stages(registry) == {1: Stage.PRODUCTION}


def test_what_is_rejected_once_more_stays_so_until_it_is_asked_again(keeper, registry, rejected):
    act(keeper, "request", "grace", "please")
    run(keeper)
    act(keeper, "reject", "linus", "no, really")
    for _ in range(2):
        ring(keeper, "plain", 1)
        run(keeper)
    assert stages(registry) == {1: Stage.ARCHIVED}
    act(keeper, "request", "linus", "I was wrong")
    run(keeper)
    assert stages(registry) == {1: Stage.STAGING}


def test_the_author_cannot_ask_again_nor_can_a_stranger(keeper, rejected):
    with pytest.raises(VoteRefused, match="nobody approves their own"):
        act(keeper, "request", "ada", "please")
    with pytest.raises(
        VoteRefused, match=r"zoe neither is asked about plain 1 nor owns its policy: pricing \(2\)"
    ):
        act(keeper, "request", "zoe", "please")


def test_an_owner_of_the_policy_may_ask_again(keeper, registry, policies, rejected):
    text = (policies / "plain.yaml").read_text()
    (policies / "plain.yaml").write_text(f"owners: [risk]\n{text}")
    act(keeper, "request", "zoe", "the policy is another now")
    run(keeper)
    assert stages(registry) == {1: Stage.STAGING}


def test_only_what_was_rejected_is_asked_about_again(keeper, waiting):
    with pytest.raises(VoteRefused, match="only what was rejected"):
        act(keeper, "request", "grace", "please")


def test_a_rejection_by_whom_nobody_asked_is_not_undone_without_a_person(keeper, registry, policies):
    (policies / "plain.yaml").write_text(
        PLAIN.replace("    approvals: 1\n", "    first_version: promote\n    soak: 1h\n")
    )
    registry.register("plain", GOOD)
    ring(keeper, "plain", 1)
    run(keeper)
    act(keeper, "reject", "linus", "wait")
    run(keeper)
    assert stages(registry) == {1: Stage.ARCHIVED}
    act(keeper, "request", "linus", "go on")
    run(keeper)
    assert latest(keeper, 1).decision.asked == ("anyone (1)",)
