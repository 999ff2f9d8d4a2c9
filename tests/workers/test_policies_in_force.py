"""Policies are read anew at every look; a broken change leaves the last good one in force, and is told once."""

import shutil

import pytest

from ledger import policy_files
from ledger.engine import reading
from notifications.message import MessageKind
from policies.problems import PolicyInvalid
from policies.verdicts import Answer
from registry.words import Stage
from tests.reviewing import vote
from tests.workers.conftest import PLAIN
from tests.workers.judging import BAD, GOOD, approve, latest, ring, run, stages
from workers.in_force import read_in_force
from workers.sweep import sweep_fully
from workers.tell import tell

STRICT = PLAIN.replace("max: 5.0", "max: 3.0")
BROKEN = {
    "misspelt": PLAIN.replace("gates", "gaets"),
    "no YAML": "policy: [",
    "empty": "",
    "binary": "\x00\x01",
    "another model too": PLAIN.replace("models: [plain]", "models: [plain, other]") + "x: 1\n",
}


@pytest.fixture
def policy(policies):
    return policies / "plain.yaml"


def judged(keeper, registry, seed, version):
    registry.register("plain", seed)
    ring(keeper, "plain", version)
    run(keeper)
    return latest(keeper, version)


def test_a_change_is_heeded_without_a_restart(keeper, registry, policy):
    assert judged(keeper, registry, GOOD, 1).decision.answer is Answer.ASK
    policy.write_text(STRICT)
    assert judged(keeper, registry, GOOD, 2).decision.answer is Answer.REJECT


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_broken_change_leaves_the_last_good_policy_in_force(keeper, registry, policy, champion, text):
    policy.write_text(text)
    assert judged(keeper, registry, BAD, 2).decision.answer is Answer.REJECT
    assert judged(keeper, registry, GOOD, 3).decision.answer is Answer.ASK
    approve(keeper, 3)
    run(keeper)
    assert stages(registry)[3] is Stage.PRODUCTION


def test_the_last_good_policy_is_the_last_that_was_read_and_not_the_last_that_judged(
    keeper, registry, policy
):
    judged(keeper, registry, GOOD, 1)
    policy.write_text(STRICT)
    sweep_fully(keeper)
    policy.write_text(BROKEN["no YAML"])
    assert judged(keeper, registry, GOOD, 2).decision.answer is Answer.REJECT


def test_votes_given_before_the_change_was_broken_still_count(keeper, registry, policy):
    before = judged(keeper, registry, GOOD, 1)
    policy.write_text(BROKEN["misspelt"])
    book = read_in_force(keeper.ledger, policy.parent)
    vote(keeper.ledger, book, model="plain", version=1, approval=("grace", "approve", ""), now=keeper.now())
    run(keeper)
    after = latest(keeper, 1)
    assert (after.decision.answer, after.evaluation) == (Answer.PROMOTE, before.evaluation)


def test_a_model_that_only_the_broken_text_names_is_not_judged(keeper, policy):
    keeper.policies()
    policy.write_text(BROKEN["another model too"])
    book = keeper.policies()
    assert book.for_model("plain").name == "plain"
    with pytest.raises(PolicyInvalid, match="unknown key 'x'"):
        book.for_model("other")


def test_a_file_that_was_never_good_stays_broken(keeper, policy):
    policy.write_text(BROKEN["misspelt"])
    with pytest.raises(PolicyInvalid, match="unknown key 'gaets'"):
        keeper.policies().for_model("plain")


def test_a_broken_change_is_told_to_the_owners_once(keeper, policy, heard, clock):
    keeper.policies()
    policy.write_text(BROKEN["misspelt"])
    for _ in range(3):
        sweep_fully(keeper)
        tell(keeper)
        clock.pass_(minutes=1)
    (told,) = heard.messages
    assert (told.kind, told.channel, told.model) == (MessageKind.PROBLEM, "owners", "plain")
    assert f"{policy}:6:5: unknown key 'gaets', did you mean 'gates'?" in told.text
    assert "The last good text of plain stays in force." in told.text
    policy.write_text(BROKEN["no YAML"])
    sweep_fully(keeper)
    tell(keeper)
    assert len(heard.messages) == 2


def test_sound_policies_are_no_news(keeper, heard):
    sweep_fully(keeper)
    tell(keeper)
    assert heard.messages == []


def test_a_file_that_was_taken_away_is_out_of_force_and_comes_back_as_new(keeper, policy):
    keeper.policies()
    policy.unlink()
    assert keeper.policies().for_model("plain") is None
    policy.write_text(BROKEN["misspelt"])
    with pytest.raises(PolicyInvalid):
        keeper.policies().for_model("plain")


def test_a_folder_that_is_away_for_a_while_changes_nothing(keeper, registry, policies, heard):
    keeper.policies()
    shutil.move(policies, policies.with_name("away"))
    assert judged(keeper, registry, GOOD, 1).decision.answer is Answer.ASK
    sweep_fully(keeper)
    tell(keeper)
    assert any("there is no such folder" in m.text and "stays in force" in m.text for m in heard.messages)
    shutil.move(policies.with_name("away"), policies)
    assert not keeper.policies().problems


def test_who_only_reads_writes_nothing_down(keeper, policies):
    assert read_in_force(keeper.ledger, policies).for_model("plain")
    with reading(keeper.ledger) as session:
        assert policy_files.in_force(session) == {}


def test_a_text_that_this_release_no_longer_takes_does_not_stand_in(keeper, policy, monkeypatch):
    keeper.policies()
    policy.write_text(BROKEN["misspelt"])

    def refused(*_, **__):
        raise PolicyInvalid([])

    monkeypatch.setattr("workers.in_force.parse_policy", refused)
    with pytest.raises(PolicyInvalid, match="unknown key 'gaets'"):
        keeper.policies().for_model("plain")
