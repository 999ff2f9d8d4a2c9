"""`gatehouse policy backtest` over a ledger that was filled by the policy of then."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from gatehouse.policy.group import policy
from ledger import approvals, judgements
from ledger.engine import writing
from ledger.tables import EvidenceRow
from policies.decide import decide
from policies.evaluate import evaluate
from policies.moment import Moment
from policies.parse import parse_policy
from policies.verdicts import Transition
from registry.words import Stage
from tests.policies.made import SMALLEST, compared, evidence, facts, vote

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
RULED = parse_policy(SMALLEST, file="policy.yaml")


def keep(ledger, version, rmse, reviewers=("ada",), at=NOW):
    found = evidence(rmse=rmse, mae_compared=compared(2.0, 2.1, se=0.005), candidate=facts(version))
    evaluation = evaluate(RULED, RULED.transitions[0], found)
    votes = [vote(evaluation, name).model_copy(update={"at": at}) for name in reviewers]
    moment = Moment(now=at)
    decision = decide(
        RULED, RULED.transitions[0], evaluation, votes, authors=frozenset(), groups={}, moment=moment
    )
    with writing(ledger) as session:
        for each in votes:
            approvals.add(session, "taxi-fare", version, each)
        judgements.keep_policy(session, digest=RULED.digest, name=RULED.name, text=RULED.text)
        judgements.keep_evidence(session, found, inputs=str(version), now=at)
        judgements.record(session, "taxi-fare", version, (evaluation, decision), product="0", now=at)


@pytest.fixture
def ledger(ledger, ledger_url, monkeypatch):
    """Two promotions, of rmse 4.8 and 4.2, and a rejection."""
    monkeypatch.setenv("GATEHOUSE_LEDGER_URL", ledger_url)
    keep(ledger, 1, 4.8)
    keep(ledger, 2, 4.2, at=NOW + timedelta(days=1))
    keep(ledger, 3, 9.9, reviewers=(), at=NOW + timedelta(days=2))
    return ledger


@pytest.fixture
def backtest(ledger, tmp_path):
    def call(text, *args):
        folder = tmp_path / "policies"
        folder.mkdir(exist_ok=True)
        (folder / "policy.yaml").write_text(text)
        return CliRunner().invoke(policy, ["backtest", str(folder), *args])

    return call


def test_what_would_differ_is_told_with_the_gates_that_say_otherwise(backtest):
    said = backtest(SMALLEST.replace("max: 5.0", "max: 4.5"))
    assert (said.exit_code, said.output.splitlines()) == (
        0,
        [
            "taxi-fare 1, Staging -> Production, 2026-11-01 12:00 UTC: promote -> reject",
            "    rmse: pass -> fail: rmse was 4.80, at most 4.50 allowed, on 10,377 rows",
            "1 of 3 decisions would differ: 1 promote -> reject.",
        ],
    )


def test_an_unchanged_policy_differs_nowhere(backtest):
    said = backtest(SMALLEST, "--fail-on-change")
    assert (said.exit_code, said.output) == (0, "0 of 3 decisions would differ.\n")


def test_a_ci_server_can_fail_on_a_change(backtest):
    assert backtest(SMALLEST.replace("max: 5.0", "max: 4.5"), "--fail-on-change").exit_code == 1


def test_what_was_not_measured_is_listed_apart(backtest):
    said = backtest(SMALLEST.replace("gates:\n", "gates:\n      - {metric: r2, min: 0}\n"))
    assert said.output.splitlines() == [
        "0 of 3 decisions would differ.",
        "2 could not be told:",
        "    r2 on holdout was not measured: 2 decisions",
    ]


def test_evidence_of_another_release_is_listed_apart(backtest, ledger):
    with writing(ledger) as session:
        session.execute(update(EvidenceRow).values(evidence="{}"))
    assert "3 could not be told" in backtest(SMALLEST).output


@pytest.mark.parametrize(
    ("args", "decisions"),
    [(["--since", "2026-11-02"], 2), (["--model", "taxi-fare"], 3), (["--model", "bus"], 0)],
    ids=["since", "model", "another model"],
)
def test_decisions_are_chosen(backtest, args, decisions):
    assert f"of {decisions} decision" in backtest(SMALLEST, *args).output


def test_in_json_each_line_is_an_object_and_the_last_sums_up(backtest):
    said = backtest(SMALLEST.replace("max: 5.0", "max: 4.5"), "--json")
    change, tally = map(json.loads, said.output.splitlines())
    assert {key: change[key] for key in ("model", "version", "before", "after", "result")} == {
        "model": "taxi-fare", "version": 1, "before": "promote", "after": "reject", "result": "other",
    }  # fmt: skip
    assert change["gates"][0]["gate"] == "rmse"
    assert (tally["decisions"], tally["differ"], tally["other"]) == (3, 1, {"promote -> reject": 1})


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [(SMALLEST + "modle: x", 1, "unknown key 'modle'"), ("", 1, "the file is empty")],
    ids=["broken", "empty"],
)
def test_a_folder_that_cannot_be_read_is_told(backtest, text, code, words):
    said = backtest(text)
    assert (said.exit_code, words in said.output) == (code, True)


def test_moves_that_only_undid_another_are_no_decisions_of_a_policy(backtest, ledger):
    undone = Transition(from_stage=Stage.PRODUCTION, to_stage=Stage.STAGING)
    with writing(ledger) as session:
        before = judgements.latest(session, "taxi-fare", 1)
        evaluation = before.evaluation.model_copy(update={"transition": undone, "verdicts": ()})
        judgements.record(session, "taxi-fare", 1, (evaluation, before.decision), product="0", now=NOW)
    assert backtest(SMALLEST).output == "0 of 3 decisions would differ.\n"


def test_a_folder_without_policies_is_a_wrong_call(ledger, tmp_path):
    (tmp_path / "none").mkdir()
    assert CliRunner().invoke(policy, ["backtest", str(tmp_path / "none")]).exit_code == 2
