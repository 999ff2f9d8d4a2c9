"""Holds: nothing is moved while one is in force, over the in-memory registry and a real ledger."""

import pytest

from ledger import actions, holds
from ledger.engine import reading
from notifications.message import MessageKind
from policies.people import Person, Route
from policies.verdicts import Answer, Vote
from registry.memory import Seed
from registry.words import Stage
from tests.reviewing import vote
from tests.workers.conftest import PLAIN
from tests.workers.judging import latest, ring, run, stages
from workers.holding import hold, resume
from workers.look import look
from workers.review import VoteRefused
from workers.sweep import sweep, sweep_fully

GOOD = Seed(tags={"owner": "ada"}, logged={"val_rmse": 4.0}, authors=frozenset({"ada"}))
BAD = Seed(tags={"owner": "ada"}, logged={"val_rmse": 9.0}, authors=frozenset({"ada"}))
GRACE = Person(name="grace", route=Route.TERMINAL, account="grace@here")
BY_ITSELF = PLAIN.replace("    approvals: 1\n", "    first_version: promote\n")


@pytest.fixture(autouse=True)
def begun(keeper):
    """What is there before the first sweep is left alone."""
    sweep_fully(keeper)


def swept(keeper):
    for _ in range(2):
        sweep_fully(keeper)
        run(keeper)


def stop(keeper, model="plain"):
    return hold(keeper.ledger, GRACE, model, "fares look odd", keeper.now())


def let_go(keeper, model="plain"):
    return resume(keeper.ledger, GRACE, model, "it was the weather", keeper.now())


@pytest.fixture
def waiting(keeper, registry):
    registry.register("plain", GOOD)
    swept(keeper)
    assert stages(registry) == {1: Stage.STAGING}


@pytest.mark.parametrize("model", ["plain", None], ids=["the model", "all models"])
def test_what_is_held_stays_where_it_is_and_goes_on_by_itself_afterwards(keeper, registry, waiting, model):
    approve(keeper)
    stop(keeper, model)
    swept(keeper)
    decision = latest(keeper, 1).decision
    whole = ", as all models are" if model is None else ""
    assert decision.answer is Answer.HOLD
    assert decision.reasons[0] == f"held by grace since 2026-11-23 12:00 UTC{whole}: fares look odd"
    assert stages(registry) == {1: Stage.STAGING}
    let_go(keeper, model)
    swept(keeper)
    assert stages(registry) == {1: Stage.PRODUCTION}, "the approval still counts"


def approve(keeper, version=1):
    vote(
        keeper.ledger, keeper.policies(), model="plain", version=version,
        approval=("grace", Vote.APPROVE, ""), now=keeper.now(),
    )  # fmt: skip


def test_a_bad_version_is_not_even_archived(keeper, registry, waiting):
    stop(keeper)
    registry.register("plain", BAD)
    swept(keeper)
    assert stages(registry) == {1: Stage.STAGING, 2: Stage.NONE}
    let_go(keeper)
    swept(keeper)
    assert stages(registry)[2] is Stage.ARCHIVED


def test_another_model_goes_on(keeper, registry, waiting):
    with pytest.raises(VoteRefused, match="no registered model 'plane' has been seen"):
        stop(keeper, "plane")
    approve(keeper)
    registry.register("other", GOOD)
    swept(keeper)
    stop(keeper, "other")
    swept(keeper)
    assert stages(registry) == {1: Stage.PRODUCTION}


def test_a_hold_that_comes_between_decision_and_move_is_kept(keeper, registry, waiting, monkeypatch):
    approve(keeper)
    facts = registry.facts

    def held_meanwhile(version):
        if held_meanwhile.times:
            held_meanwhile.times -= 1
            stop(keeper)
        return facts(version)

    held_meanwhile.times = 1
    monkeypatch.setattr(registry, "facts", held_meanwhile)
    run(keeper)
    assert stages(registry) == {1: Stage.STAGING}
    assert latest(keeper, 1).decision.answer is Answer.HOLD
    let_go(keeper)
    swept(keeper)
    assert stages(registry) == {1: Stage.PRODUCTION}


def test_what_was_half_done_is_finished_afterwards(keeper, registry, waiting, clock, monkeypatch):
    """A worker dies between the move and the alias, and a person holds the model then."""
    approve(keeper)

    class Killed(BaseException):
        pass

    def dies(*_):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(registry, "set_alias", dies)
        with pytest.raises(Killed):
            look(keeper)
    stop(keeper)
    clock.pass_(minutes=5)
    swept(keeper)
    assert registry.version("plain", 1).aliases == set()
    let_go(keeper)
    swept(keeper)
    assert registry.version("plain", 1).aliases == {"champion"}
    with reading(keeper.ledger) as session:
        assert actions.unfinished(session) == set()


def test_a_watch_does_not_roll_back_before_the_end_of_the_hold(keeper, registry, policies, clock):
    watch = "    watch: {every: 1h, for: 9h, gates: [{name: health, tags: [healthy]}], on_fail: [rollback]}\n"
    (policies / "plain.yaml").write_text(BY_ITSELF + watch)
    for _ in range(2):
        registry.register("plain", GOOD.model_copy(update={"tags": {"owner": "ada", "healthy": "yes"}}))
        swept(keeper)
    assert stages(registry) == {1: Stage.ARCHIVED, 2: Stage.PRODUCTION}
    stop(keeper)
    registry.delete_tag("plain", 2, "healthy")
    clock.pass_(hours=2)
    swept(keeper)
    assert stages(registry) == {1: Stage.ARCHIVED, 2: Stage.PRODUCTION}
    let_go(keeper)
    swept(keeper)
    assert stages(registry) == {1: Stage.PRODUCTION, 2: Stage.ARCHIVED}


def test_a_bypass_is_told_at_once_and_undone_after_the_hold(keeper, registry, policies, heard, clock):
    (policies / "plain.yaml").write_text(BY_ITSELF + "    on_bypass: revert\n")
    registry.register("plain", GOOD)
    swept(keeper)
    stop(keeper)
    registry.register("plain", BAD)
    swept(keeper)
    clock.pass_(minutes=1)
    registry.transition("plain", 2, Stage.PRODUCTION, archive_existing=True)
    swept(keeper)
    assert stages(registry) == {1: Stage.ARCHIVED, 2: Stage.PRODUCTION}
    assert any("left as it is while the model is held by grace" in m.text for m in heard.messages)
    clock.pass_(minutes=1)
    let_go(keeper)
    swept(keeper)
    assert stages(registry)[1] is Stage.PRODUCTION


def test_a_request_made_while_held_is_taken_up_afterwards(keeper, registry, waiting):
    vote(
        keeper.ledger, keeper.policies(), model="plain", version=1,
        approval=("grace", Vote.REJECT, "no"), now=keeper.now(),
    )  # fmt: skip
    swept(keeper)
    assert stages(registry) == {1: Stage.ARCHIVED}
    stop(keeper)
    vote(
        keeper.ledger, keeper.policies(), model="plain", version=1,
        approval=("linus", Vote.REQUEST, "yes"), now=keeper.now(),
    )  # fmt: skip
    swept(keeper)
    assert stages(registry) == {1: Stage.ARCHIVED}
    let_go(keeper)
    swept(keeper)
    assert stages(registry) == {1: Stage.STAGING}


def test_people_are_told_of_a_hold_and_of_its_end_once(keeper, registry, waiting, heard):
    stop(keeper)
    swept(keeper)
    let_go(keeper)
    swept(keeper)
    told = [(m.title, m.channel) for m in heard.messages if m.kind is MessageKind.HELD and not m.version]
    assert sorted(told) == [
        ("plain held by grace", "owners"),
        ("plain held by grace", "reviewers"),
        ("plain resumed by grace", "owners"),
        ("plain resumed by grace", "reviewers"),
    ]


def test_nobody_holds_twice_and_nobody_resumes_what_is_not_held(keeper, registry, waiting):
    with pytest.raises(VoteRefused, match="plain: not held"):
        let_go(keeper)
    stop(keeper)
    with pytest.raises(VoteRefused, match=r"plain: already held by grace since .*: fares look odd"):
        stop(keeper)
    stop(keeper, None)
    let_go(keeper)
    with pytest.raises(VoteRefused, match="all models are: gatehouse resume --all"):
        let_go(keeper)
    with reading(keeper.ledger) as session:
        assert holds.in_force(session, "plain").model is None


@pytest.mark.parametrize(
    ("reason", "why"), [(" ", "say why"), ("x" * 5000, "at most 4,000"), ("\0", "plain text")]
)
def test_a_hold_needs_a_reason_that_can_be_kept(keeper, waiting, reason, why):
    with pytest.raises(VoteRefused, match=why):
        hold(keeper.ledger, GRACE, "plain", reason, keeper.now())


def test_a_vote_while_held_is_refused_with_the_reason(keeper, registry, waiting):
    stop(keeper)
    swept(keeper)
    with pytest.raises(VoteRefused, match=r"waits for nobody: hold \(held by grace"):
        approve(keeper)
    sweep(keeper, 10)
    ring(keeper, "plain", 1)
    run(keeper)
    assert stages(registry) == {1: Stage.STAGING}
