"""Decisions are read back as a stream, each with the evidence and the votes that it rested on."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from ledger import approvals, judgements, recorded
from ledger.engine import reading, writing
from ledger.tables import EvidenceRow
from policies.evidence.evidence import Evidence
from policies.verdicts import Answer, Approval, Decision, Evaluation, Transition, Vote
from registry.words import Stage, VersionFacts

POLICY = "a" * 64


def keep(session, version, at, model="fare", answer=Answer.ASK):
    evidence = Evidence(candidate=VersionFacts(name=model, version=version, source="s"))
    evaluation = Evaluation(
        policy="p", policy_digest=POLICY, evidence_digest=evidence.digest(), verdicts=(),
        transition=Transition(from_stage=Stage.STAGING, to_stage=Stage.PRODUCTION),
    )  # fmt: skip
    judgements.keep_policy(session, digest=POLICY, name="p", text="policy: p")
    judgements.keep_evidence(session, evidence, inputs="i", now=at)
    said = (evaluation, Decision(answer=answer, reasons=("so it is",)))
    judgements.record(session, model, version, said, product="0", now=at)
    return evidence


def say_yes(session, evidence, at, reviewer="ada", **other):
    given = {"evidence_digest": evidence.digest(), "policy_digest": POLICY} | other
    candidate = evidence.candidate
    vote = Approval(reviewer=reviewer, vote=Vote.APPROVE, at=at, **given)
    approvals.add(session, candidate.name, candidate.version, vote)


def test_a_decision_comes_with_its_evidence_and_the_votes_it_rested_on(ledger, now):
    with writing(ledger) as session:
        evidence = keep(session, 1, now)
        say_yes(session, evidence, now + timedelta(seconds=1))
        say_yes(session, evidence, now, reviewer="stale", policy_digest="b" * 64)
        say_yes(session, evidence, now, reviewer="other", evidence_digest="b" * 64)
        keep(session, 1, now + timedelta(seconds=2), answer=Answer.PROMOTE)
    with reading(ledger) as session:
        first, second = recorded.recorded(session)
    assert (first.evidence, first.votes) == (evidence, ())
    assert (second.judgement.decision.answer, [vote.reviewer for vote in second.votes]) == (
        Answer.PROMOTE,
        ["ada"],
    )


@pytest.mark.parametrize(
    ("model", "after_s", "versions"),
    [(None, None, [1, 2, 3]), ("fare", None, [1, 2]), (None, 1, [2, 3]), ("fare", 2, []), ("none", None, [])],
)
def test_decisions_are_chosen_by_model_and_time(ledger, now, model, after_s, versions):
    with writing(ledger) as session:
        keep(session, 1, now)
        keep(session, 2, now + timedelta(seconds=1))
        keep(session, 3, now + timedelta(seconds=2), model="tip")
    since = None if after_s is None else now + timedelta(seconds=after_s)
    with reading(ledger) as session:
        found = [one.judgement.version for one in recorded.recorded(session, model, since)]
        assert (found, recorded.count(session, model, since)) == (versions, len(versions))


def test_every_decision_comes_once_however_many_batches_there_are(ledger, now, monkeypatch):
    monkeypatch.setattr(recorded, "BATCH", 3)
    with writing(ledger) as session:
        for version in range(1, 11):
            say_yes(session, keep(session, version, now), now)
    with reading(ledger) as session:
        found = list(recorded.recorded(session))
    assert [one.judgement.version for one in found] == list(range(1, 11))
    assert all(len(one.votes) == 1 for one in found)


def test_evidence_in_a_form_of_another_release_is_none(ledger, now):
    with writing(ledger) as session:
        keep(session, 1, now)
        session.execute(update(EvidenceRow).values(evidence='{"candidate": 1}'))
    with reading(ledger) as session:
        (one,) = recorded.recorded(session)
    assert one.evidence is None
