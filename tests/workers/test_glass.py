"""Promotions over the gate's head, over the in-memory registry and a real ledger."""

import pytest

from ledger.engine import reading
from ledger.history import timeline
from notifications.message import MessageKind
from policies.people import Act, Person, Route
from policies.verdicts import Answer, Vote
from registry.memory import Seed
from registry.words import Stage
from tests.reviewing import vote
from tests.workers.conftest import PLAIN
from tests.workers.judging import Killed, latest, run, stages
from workers.glass import break_glass
from workers.holding import hold, resume
from workers.look import look
from workers.review import VoteRefused, review
from workers.sweep import sweep_fully

GOOD = Seed(tags={"owner": "ada"}, logged={"val_rmse": 4.0}, authors=frozenset({"ada"}))
BAD = Seed(tags={"owner": "ada"}, logged={"val_rmse": 9.0}, authors=frozenset({"ada"}))
GLASS = 'break_glass: {by: [ada, oncall], notify: ["#on-call"]}\n'


@pytest.fixture(autouse=True)
def champion(keeper, registry, policies):
    """Version 1 in Production, version 2 rejected and archived."""
    (policies / "plain.yaml").write_text(GLASS + PLAIN)
    (policies / "reviewers.yaml").write_text("groups: {oncall: [linus]}\n")
    sweep_fully(keeper)
    for seed in (GOOD, BAD):
        registry.register("plain", seed)
        swept(keeper)
        if seed is GOOD:
            vote(
                keeper.ledger, keeper.policies(), model="plain", version=1,
                approval=("grace", Vote.APPROVE, ""), now=keeper.now(),
            )  # fmt: skip
            swept(keeper)
    assert stages(registry) == {1: Stage.PRODUCTION, 2: Stage.ARCHIVED}


def swept(keeper):
    for _ in range(2):
        sweep_fully(keeper)
        run(keeper)


def promote(keeper, name="linus", version=2, reason="fares of 0 since noon", **more):
    person = Person(name=name, route=Route.CONSOLE, account=f"{name}@example.org", **more)
    act = Act(model="plain", version=version, verb=Vote.PROMOTE, comment=reason)
    return break_glass(keeper.ledger, keeper.policies(), person, act, keeper.now())


def test_whoever_the_policy_names_promotes_what_was_rejected(keeper, registry):
    promote(keeper)
    run(keeper)
    assert stages(registry) == {1: Stage.ARCHIVED, 2: Stage.PRODUCTION}
    assert registry.version("plain", 2).aliases == {"champion"}
    decision = latest(keeper, 2).decision
    assert decision.answer is Answer.PROMOTE
    assert decision.reasons[0] == "promoted over the gate's head by linus: fares of 0 since noon"
    assert decision.reasons[1].startswith("the decision before was reject: logged val_rmse")
    swept(keeper)
    assert stages(registry) == {1: Stage.ARCHIVED, 2: Stage.PRODUCTION}, "no bypass, and done once"
    with reading(keeper.ledger) as session:
        said = [entry.outcome for entry in timeline(session, "plain", 2) if entry.kind == "approval"]
    assert said == ["promote"]


def test_everybody_is_told_once(keeper, heard):
    promote(keeper)
    for _ in range(3):
        swept(keeper)
    told = [(m.channel, m.title) for m in heard.messages if m.kind is MessageKind.OVERRIDE]
    title = "linus promotes plain 2 over the gate's head"
    assert sorted(told) == [("#on-call", title), ("owners", title), ("reviewers", title)]


def test_one_who_made_it_may_and_it_is_said(keeper, registry):
    promote(keeper, "Ada")
    run(keeper)
    assert stages(registry)[2] is Stage.PRODUCTION
    assert "by Ada, who made it: fares" in latest(keeper, 2).decision.reasons[0]


def test_a_version_the_gate_has_never_judged_can_be_promoted(keeper, registry):
    registry.register("plain", BAD)
    registry.transition("plain", 3, Stage.ARCHIVED)
    assert promote(keeper, version=3) is None
    run(keeper)
    assert stages(registry) == {1: Stage.ARCHIVED, 2: Stage.ARCHIVED, 3: Stage.PRODUCTION}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("grace", "grace is none of those who may break the glass of plain: ada, oncall"),
        ("l\u0456nus", "none of those"),
    ],
)
def test_nobody_else_may(keeper, name, why):
    with pytest.raises(VoteRefused, match=why):
        promote(keeper, name)


def test_a_group_that_a_sign_in_claims_may(keeper, registry):
    promote(keeper, "zoe", groups={"oncall"})
    run(keeper)
    assert stages(registry)[2] is Stage.PRODUCTION


def test_it_needs_a_reason(keeper):
    with pytest.raises(VoteRefused, match="a promote needs a comment: say why"):
        promote(keeper, reason=" ")


def by_the_door_of_all_acts(keeper, name, version=2):
    act = Act(model="plain", version=version, verb=Vote.PROMOTE, comment="fares of 0 since noon")
    return review(keeper.ledger, keeper.policies(), Person(name=name, route=Route.API), act, keeper.now())


def test_what_was_judged_is_promoted_by_the_door_of_all_acts_as_well(keeper, registry):
    with pytest.raises(VoteRefused, match="grace is none of those"):
        by_the_door_of_all_acts(keeper, "grace")
    with pytest.raises(VoteRefused, match="plain 1 is in Production already"):
        by_the_door_of_all_acts(keeper, "linus", version=1)
    by_the_door_of_all_acts(keeper, "linus")
    run(keeper)
    assert stages(registry) == {1: Stage.ARCHIVED, 2: Stage.PRODUCTION}


def test_no_door_leads_around_a_hold(keeper):
    hold(keeper.ledger, Person(name="grace", route=Route.TERMINAL), "plain", "wait", keeper.now())
    with pytest.raises(VoteRefused, match="plain is held by grace"):
        by_the_door_of_all_acts(keeper, "linus")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ((GLASS, ""), "it has no break_glass"),
        (("models:", "mode: audit\nmodels:"), "audit mode"),
        (("models: [plain]", "models: [other]"), "no policy in force rules plain 2"),
    ],
)
def test_a_policy_that_does_not_say_so_lets_nobody(keeper, policies, change, why):
    path = policies / "plain.yaml"
    path.write_text(path.read_text().replace(*change))
    with pytest.raises(VoteRefused, match=why):
        promote(keeper)


def test_what_is_held_stays_and_the_glass_waits_behind_the_hold(keeper, registry, clock):
    person = Person(name="grace", route=Route.TERMINAL)
    promote(keeper)
    hold(keeper.ledger, person, "plain", "wait", keeper.now())
    with pytest.raises(VoteRefused, match="plain is held by grace"):
        promote(keeper)
    swept(keeper)
    assert stages(registry)[2] is Stage.ARCHIVED
    resume(keeper.ledger, person, "plain", "go", keeper.now())
    swept(keeper)
    assert stages(registry)[2] is Stage.PRODUCTION


def test_an_old_one_is_not_carried_out(keeper, registry, clock):
    promote(keeper)
    clock.pass_(hours=1)
    swept(keeper)
    assert stages(registry)[2] is Stage.ARCHIVED


def test_a_policy_that_names_them_no_more_is_heard_and_told(keeper, registry, policies, heard):
    promote(keeper)
    (policies / "reviewers.yaml").write_text("groups: {oncall: [zoe]}\n")
    swept(keeper)
    assert stages(registry)[2] is Stage.ARCHIVED
    assert any("linus is none of those who may break the glass" in m.text for m in heard.messages)


def test_files_that_are_gone_cannot_be_promoted(keeper, registry, heard):
    registry.lose_files("plain", 2)
    promote(keeper)
    swept(keeper)
    assert stages(registry) == {1: Stage.PRODUCTION, 2: Stage.ARCHIVED}
    assert any("It was not promoted over the gate's head: " in m.text for m in heard.messages)


def test_one_that_is_champion_already_is_refused(keeper):
    with pytest.raises(VoteRefused, match="plain 1 is in Production already"):
        promote(keeper, version=1)


def test_of_two_the_last_word_stands(keeper, registry, clock):
    registry.register("plain", BAD)
    swept(keeper)
    promote(keeper, version=3)
    promote(keeper, version=2)
    for _ in range(3):
        clock.pass_(minutes=1)
        swept(keeper)
    assert sorted(stages(registry).values()) == [Stage.ARCHIVED, Stage.ARCHIVED, Stage.PRODUCTION]
    assert stages(registry)[1] is Stage.ARCHIVED


@pytest.mark.parametrize("point", ["transition", "set_alias"])
def test_a_worker_killed_meanwhile_is_finished_by_the_next(
    keeper, registry, clock, heard, monkeypatch, point
):
    def dies(*_, **__):
        raise Killed

    promote(keeper)
    with monkeypatch.context() as patch:
        patch.setattr(registry, point, dies)
        with pytest.raises(Killed):
            look(keeper)
    clock.pass_(minutes=5)
    swept(keeper)
    assert stages(registry) == {1: Stage.ARCHIVED, 2: Stage.PRODUCTION}
    assert registry.version("plain", 2).aliases == {"champion"}
    assert len([m for m in heard.messages if m.kind is MessageKind.OVERRIDE]) == 3


def test_from_staging_it_goes_up_whatever_is_missing(keeper, registry, clock):
    registry.register("plain", GOOD)
    swept(keeper)
    assert stages(registry)[3] is Stage.STAGING
    promote(keeper, version=3)
    run(keeper)
    assert stages(registry) == {1: Stage.ARCHIVED, 2: Stage.ARCHIVED, 3: Stage.PRODUCTION}


def test_killed_while_it_stood_in_staging_it_is_not_judged_instead(keeper, registry, clock, monkeypatch):
    registry.register("plain", GOOD)
    swept(keeper)
    promote(keeper, version=3)

    def dies(*_, **__):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(registry, "transition", dies)
        with pytest.raises(Killed):
            look(keeper)
    clock.pass_(minutes=5)
    swept(keeper)
    assert stages(registry)[3] is Stage.PRODUCTION
