"""Whose move it was: the gate's own come back as events, however late, each once and in their order."""

from datetime import timedelta

import pytest

from ledger import actions, inbox, judgements
from ledger.engine import writing
from ledger.inbox import Note
from policies.evidence.evidence import Evidence
from policies.verdicts import Answer, Decision, Evaluation, Step, Transition
from registry.events import EventKind, RegistryEvent
from registry.words import Stage, VersionFacts
from tests.databases import ON_BOTH

pytestmark = pytest.mark.parametrize("database", ON_BOTH, indirect=True)

FARE = "taxi-fare"
NONE, STAGING, PRODUCTION, ARCHIVED = Stage
OURS, THEIRS = "ours", "somebody else's"


def move(session, version, stage, now, state="done"):
    """The gate moves a version: decided, written down, and marked."""
    evidence = Evidence(candidate=VersionFacts(name=FARE, version=version, source="s3://models/fare"))
    evaluation = Evaluation(
        policy="taxi", policy_digest="p", evidence_digest=evidence.digest(), verdicts=(),
        transition=Transition(from_stage=NONE, to_stage=stage),
    )  # fmt: skip
    step = Step(kind="transition", target=stage, archive_existing=stage is PRODUCTION)
    judgements.keep_policy(session, digest="p", name="taxi", text="")
    judgements.keep_evidence(session, evidence, inputs="i", now=now)
    decision = Decision(answer=Answer.PROMOTE, reasons=("fit",), steps=(step,))
    judged = judgements.record(session, FARE, version, (evaluation, decision), product="test", now=now)
    if state != "planned":
        [action] = actions.planned(session, judged.id)
        actions.mark(session, action, state, note="", now=now)


def told(session, stage, now):
    """An event of version 1 comes, and is recorded as what it is taken for."""
    ours = actions.moved_by_us(session, FARE, 1, stage)
    event = RegistryEvent(kind=EventKind.STAGE_CHANGED, model=FARE, version=1, to_stage=stage)
    inbox.record_events(session, [Note(event, "test", now, None, inbox.OWN_WRITE if ours else None)])
    return OURS if ours else THEIRS


CASES = {
    "both of two quick moves, told after the second": (
        [("move", 1, STAGING), ("move", 1, PRODUCTION), ("told", STAGING), ("told", PRODUCTION)], [OURS, OURS],
    ),
    "one that the sweep skipped, and one it saw": (
        [("move", 1, STAGING), ("move", 1, PRODUCTION), ("told", PRODUCTION)], [OURS],
    ),
    "one repeated by hand after it was told": (
        [("move", 1, STAGING), ("told", STAGING), ("told", NONE), ("told", STAGING)], [OURS, THEIRS, THEIRS],
    ),
    "one repeated by hand that was skipped": (
        [("move", 1, STAGING), ("move", 1, PRODUCTION), ("told", PRODUCTION), ("told", STAGING)], [OURS, THEIRS],
    ),
    "one planned and not known to be done": ([("planned", 1, PRODUCTION), ("told", PRODUCTION)], [OURS]),
    "one that a killed worker had done": ([("needless", 1, PRODUCTION), ("told", PRODUCTION)], [OURS]),
    "one that was given up": ([("dropped", 1, PRODUCTION), ("told", PRODUCTION)], [THEIRS]),
    "an archiving by the next champion's promotion": (
        [("move", 1, PRODUCTION), ("move", 2, PRODUCTION), ("told", PRODUCTION), ("told", ARCHIVED)], [OURS, OURS],
    ),
    "a return by hand after such an archiving": (
        [("move", 1, PRODUCTION), ("move", 2, PRODUCTION), ("told", ARCHIVED), ("told", PRODUCTION)],
        [OURS, THEIRS],
    ),
    "one repeated by hand that somebody else's move hid": (
        [("move", 1, STAGING), ("told", ARCHIVED), ("told", STAGING)], [THEIRS, THEIRS],
    ),
    "one that follows a move by hand": (
        [("told", STAGING), ("move", 1, PRODUCTION), ("told", PRODUCTION)], [THEIRS, OURS],
    ),
    "nobody's": ([("told", PRODUCTION)], [THEIRS]),
}  # fmt: skip


@pytest.mark.parametrize(("story", "taken_for"), CASES.values(), ids=CASES.keys())
def test_each_move_of_ours_explains_one_change_and_none_after_a_later_one(ledger, now, story, taken_for):
    said = []
    with writing(ledger) as session:
        for minute, (what, *given) in enumerate(story):
            then = now + timedelta(minutes=minute)
            if what == "told":
                said.append(told(session, *given, then))
            else:
                move(session, *given, then, state="done" if what == "move" else what)
    assert said == taken_for
