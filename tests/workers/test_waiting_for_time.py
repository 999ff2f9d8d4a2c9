"""What waits for its time comes back by itself, over the in-memory registry and a real ledger."""

import pytest

from ledger import judgements
from ledger.engine import reading
from ledger.history import timeline
from notifications.message import MessageKind
from policies.verdicts import Answer, Vote
from registry.memory import Seed
from registry.words import Stage
from tests.reviewing import vote
from tests.workers.conftest import PLAIN
from workers.look import look
from workers.review import VoteRefused
from workers.sweep import sweep, sweep_fully
from workers.tell import tell

GOOD = Seed(tags={"owner": "ada"}, logged={"val_rmse": 4.0}, authors=frozenset({"ada"}))
WEEKEND = '    freeze: {timezone: UTC, windows: [{name: weekend, from: "Fri 15:00", to: "Mon 13:00"}]}\n'


@pytest.fixture
def rule(policies):
    """Gives the transition to production further keys, and no approvals but those among them."""

    def write(lines):
        text = PLAIN.replace("    approvals: 1\n", lines) if "approvals" in lines else PLAIN + lines
        (policies / "plain.yaml").write_text(text.replace("    approvals: 1\n", "", "approvals" not in lines))

    return write


@pytest.fixture
def passes(keeper, clock):
    """Lets time pass, sweeps as the schedule would, and looks at whatever is due."""
    sweep(keeper, 100)

    def run(**span):
        clock.pass_(**span)
        looks = 0
        for _ in range(2):  # the second sees what the first led to
            sweep(keeper, 100)
            while look(keeper):
                looks += 1
                assert looks < 20, "the work never ends"
        tell(keeper)
        return looks

    return run


def stage(registry, version=1):
    return registry.version("plain", version).stage


def latest(keeper, version=1):
    with reading(keeper.ledger) as session:
        return judgements.latest(session, "plain", version).decision


def decisions(keeper):
    with reading(keeper.ledger) as session:
        return [entry.outcome for entry in timeline(session, "plain") if entry.kind == "decision"]


def approve(keeper, reviewer="grace", said=Vote.APPROVE):
    return vote(
        keeper.ledger, keeper.policies(), model="plain", version=1,
        approval=(reviewer, said, "fine"), now=keeper.now(),
    )  # fmt: skip


def test_a_version_soaks_and_then_goes_by_itself(keeper, registry, rule, passes):
    rule("    soak: 24h\n    first_version: promote\n")
    registry.register("plain", GOOD)
    passes()
    assert stage(registry) is Stage.STAGING
    assert latest(keeper).answer is Answer.HOLD
    assert passes(hours=23) == 0, "nobody looks before it is time"
    assert passes(hours=1) > 0
    assert stage(registry) is Stage.PRODUCTION
    assert decisions(keeper) == ["promote", "hold", "promote"]


def test_a_tag_set_meanwhile_does_not_start_the_soak_again(keeper, registry, rule, passes):
    rule("    soak: 24h\n    first_version: promote\n")
    registry.register("plain", GOOD)
    passes()
    until = latest(keeper).until
    registry.set_tag("plain", 1, "note", "read me")
    passes(hours=12)
    assert latest(keeper).until == until


def test_a_version_that_comes_back_to_staging_soaks_anew(keeper, registry, rule, passes):
    rule("    soak: 24h\n    first_version: promote\n")
    registry.register("plain", GOOD)
    passes()
    registry.transition("plain", 1, Stage.ARCHIVED)
    passes(hours=20)
    registry.transition("plain", 1, Stage.STAGING)
    passes(hours=1)
    assert passes(hours=20) == 0
    assert stage(registry) is Stage.STAGING
    passes(hours=4)
    assert stage(registry) is Stage.PRODUCTION


def test_a_freeze_holds_what_was_approved_until_it_is_over(keeper, registry, rule, passes):
    rule("    approvals: 1\n" + WEEKEND)
    registry.register("plain", GOOD)
    passes()
    approve(keeper)
    passes()
    assert stage(registry) is Stage.STAGING
    assert latest(keeper).reasons[0] == "frozen until Mon 23 Nov 2026 13:00 UTC: weekend"
    passes(minutes=59)
    assert stage(registry) is Stage.STAGING
    passes(minutes=1)
    assert stage(registry) is Stage.PRODUCTION


def test_a_reviewer_may_still_say_no_while_it_waits_for_its_time(keeper, registry, rule, passes):
    rule("    approvals: 1\n" + WEEKEND)
    registry.register("plain", GOOD)
    passes()
    approve(keeper)
    passes()
    approve(keeper, said=Vote.REJECT)
    passes()
    assert stage(registry) is Stage.ARCHIVED


def test_those_asked_are_reminded_once_a_period(keeper, registry, rule, passes, heard):
    rule("    approvals: [{count: 1, remind: 24h}]\n")
    registry.register("plain", GOOD)
    passes()
    reminders = []
    for _ in range(5):
        passes(hours=12)
        passes()
        reminders.append(sum(m.title.startswith("Reminder: ") for m in heard.messages))
    assert reminders == [0, 1, 1, 2, 2]
    passes(days=9)
    assert sum(m.title.startswith("Reminder: ") for m in heard.messages) == 3, "missed ones are told as one"
    assert decisions(keeper) == ["promote", "ask"]


def test_a_request_that_nobody_answers_in_time_is_a_no(keeper, registry, rule, passes, heard):
    rule("    approvals: [{count: 1, expires: 72h}]\n")
    registry.register("plain", GOOD)
    passes()
    passes(hours=72)
    assert stage(registry) is Stage.ARCHIVED
    assert "no approval by anyone (1) within 3d" in latest(keeper).reasons[0]
    assert [m.channel for m in heard.messages if m.kind is MessageKind.REJECTED] == ["author"]
    with pytest.raises(VoteRefused, match="waits for nobody"):
        approve(keeper)


def test_whoever_stages_it_again_has_people_asked_anew(keeper, registry, rule, passes):
    rule("    approvals: [{count: 1, expires: 72h}]\n")
    registry.register("plain", GOOD)
    passes()
    passes(hours=72)
    passes(seconds=2)
    registry.transition("plain", 1, Stage.STAGING)
    passes(minutes=1)
    assert latest(keeper).answer is Answer.ASK
    approve(keeper)
    passes()
    assert stage(registry) is Stage.PRODUCTION


def test_a_freeze_taken_out_of_the_policy_no_longer_holds(keeper, registry, rule, passes):
    rule(
        "    first_version: promote\n    freeze: {timezone: UTC, windows: [{from: 2026-11-01, to: 2026-12-31}]}\n"
    )
    registry.register("plain", GOOD)
    passes()
    sweep_fully(keeper)
    assert passes(hours=1) == 0, "the policy is the same"
    rule("    first_version: promote\n")
    sweep_fully(keeper)
    passes()
    assert stage(registry) is Stage.PRODUCTION


def test_what_waits_goes_on_waiting_by_the_last_good_text_of_a_broken_policy(
    keeper, registry, rule, passes, policies
):
    rule("    first_version: promote\n    soak: 2h\n")
    registry.register("plain", GOOD)
    passes()
    (policies / "plain.yaml").write_text("policy: plain\nmodels: [plain]\n")
    sweep_fully(keeper)
    passes(hours=1)
    assert stage(registry) is Stage.STAGING
    passes(hours=2)
    assert stage(registry) is Stage.PRODUCTION


def test_whoever_is_not_asked_is_told_who_is(keeper, registry, rule, passes, policies):
    (policies / "reviewers.yaml").write_text("groups: {risk: [grace]}")
    rule("    approvals: [{from: [risk]}]\n" + WEEKEND)
    registry.register("plain", GOOD)
    passes()
    approve(keeper)
    passes()
    with pytest.raises(VoteRefused, match=r"linus is in none of the groups that are asked: risk \(1\)"):
        approve(keeper, reviewer="linus")


def test_a_version_soaks_from_when_it_got_its_alias(keeper, registry, rule, passes, policies):
    rule("    soak: 24h\n    first_version: promote\n")
    path = policies / "plain.yaml"
    path.write_text(path.read_text().replace("models:", "lifecycle: aliases\nmodels:"))
    registry.register("plain", GOOD)
    passes()
    assert registry.version("plain", 1).aliases == {"candidate"}
    until = latest(keeper).until
    registry.set_tag("plain", 1, "note", "read me")
    sweep_fully(keeper)
    passes(hours=23)
    assert latest(keeper).until == until
    passes(hours=1)
    assert registry.version("plain", 1).aliases == {"champion"}
