"""What the command line says of a ledger, without any server."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from gatehouse.cli import main
from ledger import judgements, reports, work
from ledger.engine import writing
from policies.evidence.evidence import Evidence
from policies.verdicts import Answer, Decision, Evaluation, Outcome, Transition, Verdict
from registry.words import Stage, VersionFacts

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def ledger(ledger, ledger_url, tmp_path, monkeypatch):
    monkeypatch.setenv("GATEHOUSE_LEDGER_URL", ledger_url)
    monkeypatch.setenv("GATEHOUSE_HOME", str(tmp_path))
    return ledger


def call(*words):
    return CliRunner().invoke(main, words)


def test_what_stands_in_the_way_of_judging_is_shown(ledger):
    with writing(ledger) as session:
        work.ring(session, "fare", 1, NOW)
        claim = work.claim(session, NOW)
        work.postpone(session, claim, NOW, "MLflow does not answer")
    assert "tried again: MLflow does not answer" in call("status").output
    assert json.loads(call("status", "--json").output)[0]["problem"] == "MLflow does not answer"
    explained = call("explain", "fare", "1")
    assert explained.exit_code == 3
    assert "MLflow does not answer" in explained.output


def test_a_version_that_no_worker_has_looked_at_yet_is_known_all_the_same(ledger):
    with writing(ledger) as session:
        work.ring(session, "fare", 1, NOW)
    assert "it waits to be looked at" in call("status", "fare").output
    assert [row["version"] for row in json.loads(call("status", "--json").output)] == [1]


@pytest.mark.parametrize("candidates", [19, 20])
def test_a_hold_out_that_has_judged_many_is_warned_of_and_no_decision_is_another(ledger, candidates):
    for version in range(1, candidates + 1):
        facts = VersionFacts(name="fare", version=version, source="s")
        evidence = Evidence(candidate=facts, datasets={"holdout": "d" * 64})
        move = Transition(from_stage=Stage.STAGING, to_stage=Stage.PRODUCTION)
        verdict = Verdict(gate="rmse", outcome=Outcome.PASS, sentence="rmse was 4")
        evaluation = Evaluation(
            policy="p", policy_digest="a", evidence_digest=evidence.digest(), transition=move, verdicts=(verdict,)
        )  # fmt: skip
        decision = Decision(answer=Answer.ASK, reasons=("1 more approval is needed",))
        with writing(ledger) as session:
            now = NOW + timedelta(hours=version)
            judgements.keep_policy(session, digest="a", name="p", text="t")
            judgements.keep_evidence(session, evidence, inputs=str(version), now=now)
            judgements.record(session, "fare", version, (evaluation, decision), product="0", now=now)
    said = "the data set 'holdout' has judged 20 candidates of this model"
    told = json.loads(call("explain", "fare", str(candidates), "--json").output)
    assert told["datasets"] == [{"dataset": "holdout", "digest": "d" * 64, "candidates": candidates}]
    rows = json.loads(call("status", "--json").output)
    assert (len(told["warnings"]), sum(len(row["warnings"]) for row in rows)) == (
        (1, 1) if candidates == 20 else (0, 0)
    )
    assert (said in call("explain", "fare", str(candidates)).output) == (candidates == 20)
    assert said not in call("explain", "fare", "7").output


def test_an_empty_ledger_says_what_to_expect(ledger):
    assert "once they are registered" in call("status").output


def test_a_ledger_that_was_never_set_up_is_a_wrong_call(tmp_path, monkeypatch):
    monkeypatch.setenv("GATEHOUSE_LEDGER_URL", f"sqlite:///{tmp_path}/none.db")
    answer = call("status")
    assert answer.exit_code == 2
    assert "gatehouse ledger upgrade" in answer.output


@pytest.mark.parametrize(
    "words", [("status",), ("explain",), ("approve",), ("policy", "check"), ("up",), ("demo",)]
)
def test_every_command_shows_an_example(words):
    answer = call(*words, "--help")
    assert answer.exit_code == 0
    assert "Example: gatehouse" in answer.output or "Example: TAXI_HOLDOUT" in answer.output


def test_explain_names_the_reports_address_and_why_the_run_lacks_it(ledger, monkeypatch):
    monkeypatch.setenv("GATEHOUSE_CONSOLE_URL", "http://console.test/")
    evidence = Evidence(candidate=VersionFacts(name="team/fare", version=3, source="m"))
    evaluation = Evaluation(
        policy="p", policy_digest="d", evidence_digest=evidence.digest(), verdicts=(),
        transition=Transition(from_stage=Stage.STAGING, to_stage=Stage.PRODUCTION),
    )  # fmt: skip
    decision = Decision(answer=Answer.HOLD, reasons=("r",))
    with writing(ledger) as session:
        judgements.keep_evidence(session, evidence, inputs="i", now=NOW)
        judgements.keep_policy(session, digest="d", name="p", text="t")
        said = (evaluation, decision)
        reports.want(session, judgements.record(session, "team/fare", 3, said, product="0", now=NOW), NOW)
    assert "Its report is being made." in call("explain", "team/fare", "3").output
    with writing(ledger) as session:
        wanted = reports.claim(session, NOW)
        reports.keep_page(session, wanted, "<p>", None)
        reports.mark_refused(session, wanted, "no run made it")
    address = "http://console.test/models/team%252Ffare/3/report"
    told = " ".join(call("explain", "team/fare", "3").output.split())
    assert f"The report: {address} (the run does not have it: no run made it)" in told
    assert json.loads(call("explain", "team/fare", "3", "--json").output)["report"] == address
