"""New candidates are asked for as the policy says, once, until something comes of it or nothing will."""

from dataclasses import replace
from datetime import timedelta
from itertools import count, pairwise

import pytest
from sqlalchemy import select

from ledger import retrainings
from ledger.engine import reading, writing
from ledger.history import timeline
from ledger.retraining_tables import RetrainingRow
from ledger.trail import Chosen, newest
from registry.memory import Seed
from registry.words import RequestedRun, Stage
from tests.workers.conftest import PLAIN
from tests.workers.judging import GOOD
from workers.look import look
from workers.retraining import TRIES
from workers.sweep import sweep, sweep_fully
from workers.tell import tell

OPEN = PLAIN.replace("    approvals: 1\n", "")
HEALTHY = Seed(tags={"owner": "ada", "healthy": "yes"}, logged={"val_rmse": 4.0})
WATCH = """\
    first_version: promote
    watch: {every: 1h, for: 4h, gates: [{name: health, tags: [healthy]}], on_fail: [rollback]}
"""


@pytest.fixture
def asked():
    return []


@pytest.fixture
def keeper(keeper, asked):
    return replace(keeper, ask_trainer=asked.append)


@pytest.fixture
def policy(policies):
    def write(retrain="{every: 7d, after: [failed watch]}", more=""):
        key = f"retrain: {retrain}\n" if retrain else ""
        (policies / "plain.yaml").write_text(f"{more}{key}{OPEN}{WATCH}")

    write()
    return write


@pytest.fixture
def passes(keeper, clock, policy):
    """Lets time pass, sweeps as the schedule would, and looks at whatever is due."""

    def run(**span):
        clock.pass_(**span)
        sweep(keeper, 100)
        for looks in count():
            assert looks < 30, "the work never ends"
            if not look(keeper):
                break
        sweep_fully(keeper)
        tell(keeper)

    return run


@pytest.fixture
def champion(registry, passes):
    passes()
    registry.register("plain", HEALTHY)
    passes(minutes=1)
    passes(minutes=1)
    assert registry.version("plain", 1).stage is Stage.PRODUCTION


def rows(keeper):
    with reading(keeper.ledger) as session:
        return [
            (row.state, row.note) for row in session.scalars(select(RetrainingRow).order_by(RetrainingRow.id))
        ]


def owners(heard):
    return [message.text for message in heard.messages if message.channel == "owners"]


def run_of(asked, state, run_id="r", why=""):
    return {asked[-1]["request"]: [RequestedRun(run_id=run_id, state=state, why=why)]}


def test_a_champion_that_is_old_is_asked_a_successor_for_once(champion, passes, asked, keeper, registry):
    passes(days=6)
    assert asked == []
    passes(days=1)
    assert [each["model"] for each in asked] == ["plain"]
    assert "older than 7d" in asked[0]["why"]
    passes(minutes=1)
    assert len(asked) == 1
    assert rows(keeper) == [("open", "")]

    registry.runs_for = run_of(asked, "finished")
    registry.register("plain", HEALTHY.model_copy(update={"run_id": "r"}))
    passes(minutes=1)
    assert rows(keeper) == [("done", "version 2 came of it")]
    with reading(keeper.ledger) as session:
        (told,) = [entry for entry in timeline(session, "plain") if entry.kind == "training"]
        (line,) = newest(session, Chosen(kind="training"), below={}, limit=9)[0]
    assert told.outcome == "done"
    assert "a new candidate is asked for, since the champion" in told.sentence
    assert line.entry == told
    passes(days=1)
    assert len(asked) == 1


def test_a_champion_that_fails_its_watch_is_asked_a_successor_for(champion, passes, asked, registry):
    registry.register("plain", HEALTHY)
    passes(minutes=1)
    passes(minutes=1)
    registry.delete_tag("plain", 2, "healthy")
    passes(hours=2)
    assert {v.version: v.stage for v in registry.versions("plain")}[1] is Stage.PRODUCTION
    assert len(asked) == 1
    assert "the champion failed its watch" in asked[0]["why"]


def test_a_rollback_is_a_cause_of_its_own_which_a_later_promotion_heals(
    champion, passes, asked, registry, policy
):
    policy(retrain="")
    registry.register("plain", HEALTHY)
    passes(minutes=1)
    registry.delete_tag("plain", 2, "healthy")
    passes(hours=2)
    registry.register("plain", HEALTHY)
    passes(minutes=1)
    policy("{after: [failed watch, rollback]}")
    passes(minutes=1)
    assert asked == []
    registry.delete_tag("plain", 3, "healthy")
    policy("{after: [rollback]}")
    passes(hours=2)
    assert "an earlier champion was put back" in asked[0]["why"]


def test_a_request_that_nobody_takes_up_is_sent_again_ever_more_rarely_and_given_up_with_a_message(
    champion, passes, asked, keeper, heard
):
    passes(days=7)
    sent = [keeper.now()]
    for _ in range(TRIES * 3):
        before = len(asked)
        passes(hours=3)
        if len(asked) > before:
            sent.append(keeper.now())
    assert len(asked) == TRIES
    assert len({each["request"] for each in asked}) == 1
    waits = [later - sooner for sooner, later in pairwise(sent)]
    assert waits[0] < timedelta(hours=4)
    assert waits[-1] > timedelta(hours=6)
    assert rows(keeper) == [("given up", f"no trainer brought it to an end in {TRIES} tries")]
    assert [text for text in owners(heard) if "in 16 tries" in text]
    passes(days=2)
    assert len(asked) == TRIES + 1
    assert asked[-1]["request"] != asked[0]["request"]


def test_a_training_that_failed_is_told_once_and_not_asked_for_again_before_its_time(
    champion, passes, asked, keeper, heard, registry
):
    passes(days=7)
    registry.runs_for = run_of(asked, "failed", why="all trips cost the same")
    passes(minutes=1)
    passes(days=1)
    assert rows(keeper) == [("failed", "its training failed: all trips cost the same")]
    assert len([text for text in owners(heard) if "all trips cost the same" in text]) == 1
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("state", "again"), [("running", False), ("silent", True), ("killed", True), ("finished", True)]
)
def test_a_request_is_sent_again_unless_somebody_is_at_it(champion, passes, asked, registry, state, again):
    passes(days=7)
    registry.runs_for = run_of(asked, state)
    passes(minutes=11)
    assert len(asked) == 1 + again


def test_in_audit_mode_nobody_is_asked_and_a_policy_that_asks_no_more_drops_what_it_asked(
    champion, passes, asked, policy, keeper
):
    policy(more="mode: audit\n")
    passes(days=8)
    assert asked == []
    policy()
    passes(minutes=1)
    assert len(asked) == 1
    policy(retrain="")
    passes(hours=1)
    assert len(asked) == 1
    assert rows(keeper) == [("dropped", "the policy asks for none any more")]


def test_champions_by_alias_grow_old_too(passes, asked, policy, registry):
    policy(more="lifecycle: aliases\n")
    passes()
    registry.register("plain", GOOD)
    registry.set_alias("plain", "champion", 1)
    passes(days=8)
    assert len(asked) == 1


def test_of_two_sweeps_at_once_one_asks_and_one_sends(champion, keeper, clock):
    now = clock()
    for _ in range(2):
        with writing(keeper.ledger) as session:
            retrainings.ask(session, "plain", f"why {_}", now)
    with reading(keeper.ledger) as session:
        (request,) = retrainings.all_open(session)
    sent = []
    for _ in range(2):
        with writing(keeper.ledger) as session:
            sent.append(retrainings.note_sent(session, request, now + timedelta(hours=1)))
    assert sent == [True, False]
