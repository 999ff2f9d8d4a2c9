"""Several people at the same moment, on SQLite and PostgreSQL: all are heard, and nothing is done twice."""

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from ledger import approvals
from ledger.engine import reading
from notifications.message import MessageKind
from policies.people import Act, Person, Route
from policies.verdicts import Answer
from registry.memory import Seed
from registry.words import Stage
from tests.workers.conftest import PLAIN
from tests.workers.judging import latest, ring, run, stages
from workers.judge import judge
from workers.look import look
from workers.review import review

GOOD = Seed(tags={"owner": "ada"}, logged={"val_rmse": 4.0}, authors=frozenset({"ada"}))
PEOPLE = [f"reviewer {number}" for number in range(6)]


@pytest.fixture
def waiting(keeper, registry, policies):
    text = PLAIN.replace("approvals: 1", f"approvals: [{{count: {len(PEOPLE)}, from: [all]}}]")
    (policies / "plain.yaml").write_text(text)
    (policies / "reviewers.yaml").write_text(f"groups: {{all: [{', '.join(PEOPLE)}]}}\n")
    registry.register("plain", GOOD)
    ring(keeper, "plain", 1)
    run(keeper)
    assert latest(keeper, 1).decision.answer is Answer.ASK


def vote(keeper, name, verb="approve"):
    act = Act(model="plain", version=1, verb=verb, comment="at once")
    return review(keeper.ledger, keeper.policies(), Person(name=name, route=Route.CONSOLE), act, keeper.now())


def at_once(calls):
    with ThreadPoolExecutor(len(calls)) as pool:
        return [each.result() for each in [pool.submit(call) for call in calls]]


def said(keeper):
    with reading(keeper.ledger) as session:
        return approvals.of_version(session, "plain", 1)


def test_reviewers_who_approve_at_once_are_all_heard(keeper, registry, waiting):
    at_once([lambda name=name: vote(keeper, name) for name in PEOPLE])
    assert len(said(keeper)) == len(PEOPLE)
    run(keeper)
    assert stages(registry) == {1: Stage.PRODUCTION}


def test_one_who_rejects_while_all_others_approve_is_heard(keeper, registry, waiting):
    at_once(
        [
            lambda name=name: vote(keeper, name, "reject" if name == PEOPLE[0] else "approve")
            for name in PEOPLE
        ]
    )
    run(keeper)
    assert stages(registry) == {1: Stage.ARCHIVED}


def test_a_vote_withdrawn_while_it_is_judged_is_not_counted(keeper, registry, waiting):
    """At the last moment before the decision is written down: what was answered holds."""
    for name in PEOPLE:
        vote(keeper, name)
    withdrawn = []

    def now():
        if sys._getframe(1).f_code.co_name == "_record" and not withdrawn:
            withdrawn.append(vote(keeper, PEOPLE[0], "withdraw"))
        return keeper.now()

    judge(replace(keeper, now=now), "plain", 1)
    assert withdrawn
    assert latest(keeper, 1).decision.answer is Answer.ASK
    run(keeper)
    assert stages(registry) == {1: Stage.STAGING}


def test_who_votes_while_it_is_judged_anew_is_counted_or_told(keeper, registry, heard, waiting):
    """Whichever comes first, no approval is lost without a word."""
    registry.set_tag("plain", 1, "note", "something new")
    ring(keeper, "plain", 1)
    at_once([*(lambda name=name: vote(keeper, name) for name in PEOPLE), lambda: look(keeper)])
    run(keeper)
    decision = latest(keeper, 1)
    now = decision.evaluation.evidence_digest
    void = {one.reviewer for one in said(keeper) if one.evidence_digest != now}
    told = " ".join(m.text for m in heard.messages if m.kind is MessageKind.VOIDED)
    assert all(name in told for name in void)
    assert decision.decision.missing_approvals == len(void)
