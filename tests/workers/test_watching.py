"""A champion under watch, over the in-memory registry and a real ledger."""

import pytest

from ledger import judgements, reports
from ledger.engine import reading
from policies.verdicts import Answer
from registry.memory import Seed
from registry.words import Stage
from tests.workers.conftest import PLAIN
from workers.look import look
from workers.report import report
from workers.sweep import sweep
from workers.tell import tell

GOOD = Seed(tags={"owner": "ada", "healthy": "yes"}, logged={"val_rmse": 4.0}, authors=frozenset({"ada"}))
WATCH = """\
    first_version: promote
    watch:
      every: 1h
      for: 4h
      gates:
        - {name: health, tags: [healthy]}
      on_fail: [rollback, {notify: "#on-call"}]
"""


@pytest.fixture
def policy(policies):
    """Writes the policy with a watch, changed as a test wants it."""

    def write(watch=WATCH, text=PLAIN):
        (policies / "plain.yaml").write_text(text.replace("    approvals: 1\n", "") + watch)

    write()
    return write


@pytest.fixture
def passes(keeper, clock):
    """Lets time pass, sweeps as the schedule would, and looks at whatever is due."""
    sweep(keeper, 100)

    def run(**span):
        clock.pass_(**span)
        sweep(keeper, 100)
        looks = 0
        while look(keeper):
            looks += 1
            assert looks < 30, "the work never ends"
        tell(keeper)
        return looks

    return run


@pytest.fixture
def two(registry, policy, passes):
    """Version 2 in Production, version 1 archived for it; both by the gate."""
    for _ in range(2):
        registry.register("plain", GOOD)
        passes(minutes=1)
        passes(minutes=1)
    assert stages(registry) == {1: Stage.ARCHIVED, 2: Stage.PRODUCTION}


def stages(registry):
    return {v.version: v.stage for v in registry.versions("plain")}


def latest(keeper, version):
    with reading(keeper.ledger) as session:
        return judgements.latest(session, "plain", version).decision


def on_call(heard):
    return [m.text for m in heard.messages if m.channel == "#on-call"]


def sicken(registry, version):
    registry.delete_tag("plain", version, "healthy")


def test_a_champion_that_fails_its_watch_makes_room_for_the_one_before(keeper, registry, two, passes, heard):
    sicken(registry, 2)
    passes(minutes=30)
    assert stages(registry)[2] is Stage.PRODUCTION, "it is not due yet"
    passes(minutes=30)
    assert stages(registry) == {1: Stage.PRODUCTION, 2: Stage.ARCHIVED}
    assert registry.version("plain", 1).aliases == {"champion"}
    assert latest(keeper, 2).answer is Answer.REJECT
    assert (
        latest(keeper, 1)
        .reasons[0]
        .startswith("it was the champion before version 2, which is no longer fit")
    )
    assert len(on_call(heard)) == 1
    assert "version 1 goes back" in on_call(heard)[0]
    for _ in range(6):
        passes(hours=1)
    assert stages(registry) == {1: Stage.PRODUCTION, 2: Stage.ARCHIVED}
    assert len(on_call(heard)) == 1


def test_a_failed_watch_has_a_report_and_going_back_has_none(keeper, registry, two, passes):
    sicken(registry, 2)
    passes(hours=1)
    with reading(keeper.ledger) as session:
        out, back = (judgements.latest(session, "plain", version).evaluation for version in (2, 1))
        assert reports.kept(session, out).state == "waiting"
        assert reports.kept(session, back) is None, "no gate was judged of the one that goes back"
    while report(keeper):
        pass
    with reading(keeper.ledger) as session:
        assert "health" in reports.page_of(session, out)


def test_a_champion_that_passes_its_watch_stays_and_is_looked_at_to_the_end(registry, two, passes):
    assert [passes(hours=1) > 0 for _ in range(6)] == [True] * 4 + [False] * 2
    sicken(registry, 2)
    passes(hours=10)
    assert stages(registry)[2] is Stage.PRODUCTION, "its watch is over"


def test_two_champions_that_both_fail_do_not_take_turns(registry, two, passes):
    sicken(registry, 1)
    sicken(registry, 2)
    for _ in range(6):
        passes(hours=1)
    assert stages(registry) == {1: Stage.PRODUCTION, 2: Stage.ARCHIVED}


def test_a_first_champion_has_nobody_to_make_room_for(keeper, registry, policy, passes, heard):
    registry.register("plain", GOOD)
    passes()
    sicken(registry, 1)
    for _ in range(3):
        passes(hours=1)
    assert stages(registry) == {1: Stage.PRODUCTION}
    assert latest(keeper, 1).answer is Answer.REJECT
    assert len(on_call(heard)) == 1
    assert "it stays where it is" in on_call(heard)[0]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"watch": WATCH.replace("rollback, ", "")}, id="nobody asked for it"),
        pytest.param({"text": PLAIN.replace("models:", "mode: audit\nmodels:")}, id="audit mode"),
    ],
)
def test_without_a_rollback_people_are_told_and_nothing_moves(registry, two, policy, passes, heard, change):
    policy(**change)
    sicken(registry, 2)
    for _ in range(3):
        passes(hours=1)
    assert stages(registry)[2] is Stage.PRODUCTION
    assert len(on_call(heard)) == 1


def test_what_a_watch_cannot_tell_rolls_nothing_back_and_is_told_once(registry, two, policy, passes, heard):
    policy(WATCH.replace("{name: health, tags: [healthy]}", "{metric: rmse, max: 6.0}"))
    for _ in range(3):
        passes(hours=1)
    assert stages(registry)[2] is Stage.PRODUCTION
    doubts = [m.text for m in heard.messages if "its watch could not tell" in m.text]
    assert len(doubts) == 1


class Killed(BaseException):
    """What a kill leaves: nothing after it runs."""


@pytest.mark.parametrize("point", ["before", "after"])
def test_a_worker_killed_within_a_rollback_is_finished_by_the_next(
    registry, two, passes, monkeypatch, heard, point
):
    sicken(registry, 2)
    real = registry.transition

    def dies(*args, **kwargs):
        if point == "after":
            real(*args, **kwargs)
        raise Killed

    monkeypatch.setattr(registry, "transition", dies)
    with pytest.raises(Killed):
        passes(hours=1)
    monkeypatch.setattr(registry, "transition", real)
    passes(minutes=5)
    passes(minutes=5)
    assert stages(registry) == {1: Stage.PRODUCTION, 2: Stage.ARCHIVED}
    assert registry.version("plain", 1).aliases == {"champion"}
    assert len(on_call(heard)) == 1


def test_a_rollback_by_aliases_gives_the_alias_back(keeper, registry, policy, passes):
    policy(text=PLAIN.replace("models:", "lifecycle: aliases\nmodels:"))
    for _ in range(2):
        registry.register("plain", GOOD)
        passes(minutes=1)
        passes(minutes=1)
    assert registry.version("plain", 2).aliases == {"champion"}
    sicken(registry, 2)
    for _ in range(6):
        passes(hours=1)
    assert registry.version("plain", 1).aliases == {"champion"}
    assert registry.version("plain", 2).aliases == set()
    assert latest(keeper, 2).answer is Answer.REJECT
