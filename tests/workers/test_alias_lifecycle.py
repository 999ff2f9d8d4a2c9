"""The same policies and promises where the lifecycle is kept in aliases."""

import pytest
from sqlalchemy import delete

from ledger import judgements, work
from ledger.engine import reading, writing
from ledger.tables import WatermarkRow
from notifications.message import MessageKind
from policies.people import Act, Person, Route
from policies.verdicts import Answer, Vote
from registry.memory import Seed
from registry.words import Stage
from tests.reviewing import vote
from workers.glass import break_glass
from workers.look import look
from workers.review import VoteRefused
from workers.sweep import sweep, sweep_fully
from workers.tell import tell

GOOD = Seed(tags={"owner": "ada"}, logged={"val_rmse": 4.0}, authors=frozenset({"ada"}))
BAD = Seed(tags={"owner": "ada"}, logged={"val_rmse": 9.0}, authors=frozenset({"ada"}))


@pytest.fixture(autouse=True)
def lifecycle(policies, keeper):
    policy = policies / "plain.yaml"
    policy.write_text(policy.read_text().replace("models:", "lifecycle: aliases\nmodels:"))
    sweep(keeper, 50)


def run(keeper, clock):
    for _ in range(3):
        sweep_fully(keeper)
        for _ in range(30):
            if not look(keeper):
                break
        tell(keeper)
        clock.pass_(minutes=1)


def approve(keeper, version):
    vote(
        keeper.ledger, keeper.policies(), model="plain", version=version,
        approval=("grace", Vote.APPROVE, ""), now=keeper.now(),
    )  # fmt: skip


def aliases(registry):
    return {v.version: set(v.aliases) for v in registry.versions("plain")}


@pytest.fixture
def champion(keeper, registry, clock):
    registry.register("plain", GOOD)
    run(keeper, clock)
    assert aliases(registry) == {1: {"candidate"}}
    approve(keeper, 1)
    run(keeper, clock)
    assert aliases(registry) == {1: {"champion"}}


def test_stages_are_left_alone(registry, champion):
    assert registry.version("plain", 1).stage is Stage.NONE


def test_the_next_champion_takes_the_alias_and_the_one_before_is_done_with(keeper, registry, clock, champion):
    registry.register("plain", GOOD)
    run(keeper, clock)
    assert aliases(registry) == {1: {"champion"}, 2: {"candidate"}}
    approve(keeper, 2)
    run(keeper, clock)
    assert aliases(registry) == {1: set(), 2: {"champion"}}
    run(keeper, clock)
    assert aliases(registry) == {1: set(), 2: {"champion"}}


def test_a_bad_version_loses_its_alias_and_is_not_judged_again_and_again(keeper, registry, clock, champion):
    registry.register("plain", BAD)
    run(keeper, clock)
    assert aliases(registry) == {1: {"champion"}, 2: set()}
    with reading(keeper.ledger) as session:
        before = judgements.latest(session, "plain", 2)
    assert before.decision.answer is Answer.REJECT
    run(keeper, clock)
    with reading(keeper.ledger) as session:
        assert judgements.latest(session, "plain", 2).id == before.id


def test_a_newer_candidate_takes_the_place_of_an_older_one(keeper, registry, clock, champion):
    for _ in range(2):
        registry.register("plain", GOOD)
        run(keeper, clock)
    assert aliases(registry) == {1: {"champion"}, 2: set(), 3: {"candidate"}}


def test_an_alias_set_by_hand_is_judged(keeper, registry, clock, champion):
    registry.register("plain", GOOD)
    run(keeper, clock)
    registry.delete_alias("plain", "candidate")
    registry.set_alias("plain", "candidate", 2)
    run(keeper, clock)
    with reading(keeper.ledger) as session:
        assert judgements.latest(session, "plain", 2).decision.answer is Answer.ASK


@pytest.mark.parametrize("reverts", [False, True], ids=["report", "revert"])
def test_a_champion_made_by_hand_is_reported_and_undone_if_the_policy_says_so(
    keeper, registry, clock, champion, policies, heard, reverts
):
    if reverts:
        policy = policies / "plain.yaml"
        policy.write_text(policy.read_text() + "    on_bypass: revert\n")
    registry.register("plain", GOOD)
    run(keeper, clock)
    registry.set_alias("plain", "champion", 2)
    run(keeper, clock)
    assert ("champion" in aliases(registry)[1]) is reverts
    problems = [m.text for m in heard.messages if m.kind is MessageKind.PROBLEM]
    assert len(problems) == 1
    assert "version 2 was made champion around the gate, in place of 1" in problems[0]


@pytest.fixture
def reverting(policies):
    policy = policies / "plain.yaml"
    policy.write_text(policy.read_text() + "    on_bypass: revert\n")


@pytest.mark.parametrize("seen", [False, True], ids=["unseen", "seen before"])
def test_a_champion_made_by_hand_before_the_gate_made_any_is_undone(
    keeper, registry, clock, heard, reverting, seen
):
    registry.register("plain", GOOD)
    if seen:
        run(keeper, clock)
    registry.set_alias("plain", "champion", 1)
    run(keeper, clock)
    assert "champion" not in aliases(registry)[1]
    assert any("version 1 was made champion around the gate" in m.text for m in heard.messages)


def test_the_champion_of_before_the_gate_is_put_back(keeper, registry, clock, reverting):
    registry.register("plain", GOOD)
    registry.set_alias("plain", "champion", 1)
    with writing(keeper.ledger) as session:
        session.execute(delete(WatermarkRow))
    sweep_fully(keeper)
    run(keeper, clock)
    assert aliases(registry) == {1: {"champion"}}, "it was there before"
    registry.register("plain", GOOD)
    run(keeper, clock)
    registry.set_alias("plain", "champion", 2)
    run(keeper, clock)
    assert aliases(registry)[1] == {"champion"}


def test_who_waits_is_looked_at_when_the_champion_is_taken_away_by_hand(keeper, registry, clock, champion):
    registry.register("plain", GOOD)
    run(keeper, clock)
    assert aliases(registry) == {1: {"champion"}, 2: {"candidate"}}
    registry.delete_alias("plain", "champion")
    sweep_fully(keeper)
    with reading(keeper.ledger) as session:
        assert work.listed(session) == {("plain", 1), ("plain", 2)}


def say(keeper, version, verb):
    vote(
        keeper.ledger, keeper.policies(), model="plain", version=version,
        approval=("grace", verb, "because"), now=keeper.now(),
    )  # fmt: skip


def test_what_was_rejected_is_a_candidate_again_if_somebody_asks(keeper, registry, clock, champion):
    registry.register("plain", GOOD)
    run(keeper, clock)
    say(keeper, 2, Vote.REJECT)
    run(keeper, clock)
    assert aliases(registry) == {1: {"champion"}, 2: set()}
    say(keeper, 2, Vote.REQUEST)
    run(keeper, clock)
    assert aliases(registry) == {1: {"champion"}, 2: {"candidate"}}
    approve(keeper, 2)
    run(keeper, clock)
    assert aliases(registry) == {1: set(), 2: {"champion"}}


def test_a_newer_candidate_is_not_put_out_by_such_a_request(keeper, registry, clock, heard, champion):
    registry.register("plain", GOOD)
    run(keeper, clock)
    say(keeper, 2, Vote.REJECT)
    run(keeper, clock)
    registry.register("plain", GOOD)
    run(keeper, clock)
    say(keeper, 2, Vote.REQUEST)
    run(keeper, clock)
    assert aliases(registry) == {1: {"champion"}, 2: set(), 3: {"candidate"}}
    assert any("while version 3 is the candidate" in m.text for m in heard.messages)


def test_the_glass_is_broken_by_aliases_as_by_stages(keeper, registry, clock, policies, champion):
    path = policies / "plain.yaml"
    path.write_text(f"break_glass: [grace]\n{path.read_text()}")
    registry.register("plain", BAD)
    run(keeper, clock)
    act = Act(model="plain", version=2, verb=Vote.PROMOTE, comment="fares of 0")
    person = Person(name="grace", route=Route.CONSOLE)
    break_glass(keeper.ledger, keeper.policies(), person, act, keeper.now())
    run(keeper, clock)
    assert aliases(registry) == {1: set(), 2: {"champion"}}
    with pytest.raises(VoteRefused, match="in Production already"):
        break_glass(keeper.ledger, keeper.policies(), person, act, keeper.now())
