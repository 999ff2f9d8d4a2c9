"""What a decision rests on is kept once; decisions are appended; sightings are what was seen last."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from ledger import actions, judgements, sightings
from ledger.engine import reading, writing
from ledger.history import timeline
from ledger.sightings import Sighting
from ledger.tables import EvidenceRow, PolicyRow
from policies.evidence.evidence import Evidence
from policies.verdicts import Answer, Decision, Evaluation, Outcome, Step, Transition, Verdict
from registry.words import Stage, VersionFacts

EVIDENCE = Evidence(candidate=VersionFacts(name="fare", version=1, source="s"), champion=None, findings={})
EVALUATION = Evaluation(
    policy="p", policy_digest="a" * 64, evidence_digest=EVIDENCE.digest(),
    transition=Transition(from_stage=Stage.STAGING, to_stage=Stage.PRODUCTION),
    verdicts=(Verdict(gate="loads", outcome=Outcome.PASS, sentence="it loaded"),),
)  # fmt: skip
STEPS = (Step(kind="transition", target="Production"), Step(kind="alias", target="champion"))


def keep(session, now):
    judgements.keep_policy(session, digest="a" * 64, name="p", text="policy: p")
    judgements.keep_evidence(session, EVIDENCE, inputs="i", now=now)


def decide(session, now, answer=Answer.PROMOTE, version=1):
    keep(session, now)
    decision = Decision(answer=answer, reasons=(f"so it is, {answer}",), steps=STEPS)
    return judgements.record(session, "fare", version, (EVALUATION, decision), product="0", now=now)


def test_equal_evidence_and_policies_are_kept_once_whoever_keeps_them(ledger, now, at_once):
    def once(_):
        with writing(ledger) as session:
            keep(session, now)

    at_once(once, 8)
    with reading(ledger) as session:
        assert [session.scalar(select(func.count()).select_from(t)) for t in (EvidenceRow, PolicyRow)] == [
            1,
            1,
        ]
        assert judgements.known_evidence(session, "i") == EVIDENCE
        assert judgements.known_evidence(session, "other") is None


def test_the_decision_in_force_is_the_newest_and_rests_on_its_evidence(ledger, now):
    with writing(ledger) as session:
        decide(session, now, Answer.ASK)
        decide(session, now, Answer.REJECT, version=2)
        decide(session, now + timedelta(seconds=1))
    with reading(ledger) as session:
        judged = judgements.latest(session, "fare", 1)
        assert (judged.decision.answer, judged.at) == (Answer.PROMOTE, now + timedelta(seconds=1))
        assert judgements.evidence_of(session, judged) == EVIDENCE
        assert judgements.latest(session, "fare", 3) is None
        answers = {of: each.decision.answer for of, each in judgements.in_force(session, "fare").items()}
        assert answers == {("fare", 1): Answer.PROMOTE, ("fare", 2): Answer.REJECT}


def test_actions_are_planned_with_their_decision_in_its_order_and_closed_one_by_one(ledger, now):
    with writing(ledger) as session:
        judged = decide(session, now)
    with writing(ledger) as session:
        first, second = actions.planned(session, judged.id)
        actions.mark(session, first, "done", note="moved", now=now)
    with writing(ledger) as session:
        assert (first.step, second.step) == STEPS
        assert actions.planned(session, judged.id) == [second]
        actions.drop_planned(session, "fare", 1, note="the world has changed", now=now)
        assert actions.planned(session, judged.id) == []


def test_the_timeline_is_in_the_order_it_happened(ledger, now):
    with writing(ledger) as session:
        judged = decide(session, now)
        actions.mark(
            session, actions.planned(session, judged.id)[0], "done", note="moved", now=now + timedelta(1)
        )
    with reading(ledger) as session:
        told = [(each.kind, each.outcome) for each in timeline(session, "fare", 1)]
    assert told == [("verdict", "pass"), ("decision", "promote"), ("action", "planned"), ("action", "done")]


@pytest.fixture
def seen(now):
    return Sighting("fare", 1, Stage.STAGING, now, {"owner": "ada"}, frozenset({"candidate"}), now)


def test_what_was_not_looked_at_stays_as_it_was(ledger, now, seen):
    later = now + timedelta(seconds=1)
    with writing(ledger) as session:
        sightings.see(session, seen)
        sightings.see(session, Sighting("fare", 1, Stage.PRODUCTION, later))
    with reading(ledger) as session:
        known = sightings.of_version(session, "fare", 1)
    assert (known.stage, known.updated, known.tags, known.aliases) == (
        Stage.PRODUCTION,
        later,
        seen.tags,
        seen.aliases,
    )


@pytest.mark.parametrize("told_s", [-5, 5, None], ids=["earlier", "later", "untimed"])
def test_an_event_changes_the_stage_and_never_turns_the_time_back(ledger, now, seen, told_s):
    at = None if told_s is None else now + timedelta(seconds=told_s)
    with writing(ledger) as session:
        sightings.see(session, seen)
        sightings.note_stage(session, "fare", 1, Stage.ARCHIVED, at)
        sightings.note_stage(session, "fare", 2, Stage.STAGING, at)
    with reading(ledger) as session:
        known, new = (sightings.of_version(session, "fare", version) for version in (1, 2))
    assert (known.stage, known.updated, known.tags) == (Stage.ARCHIVED, max(now, at or now), seen.tags)
    assert (new.stage, new.updated) == (Stage.STAGING, at or datetime.fromtimestamp(0, UTC))


def test_sightings_and_the_watermark_may_be_written_by_many_at_once(ledger, now, seen, at_once):
    def sweep(_):
        with writing(ledger) as session:
            sightings.see(session, seen)
            sightings.note_stage(session, "fare", 2, Stage.STAGING, now)
            sightings.advance(session, now)

    at_once(sweep, 8)
    with reading(ledger) as session:
        assert sightings.watermark(session) == now
        assert sightings.in_stage(session, "fare", Stage.STAGING) == [1, 2]
