from datetime import UTC, datetime

import pytest

from policies.decide import decide
from policies.evaluate import evaluate
from policies.evidence.gap import Gap
from policies.load import load_policies
from policies.moment import Moment
from policies.parse import parse_policy
from policies.problems import PolicyInvalid
from policies.waiver_checks import ended_exceptions
from tests.policies.made import compared, evidence

TEXT = """\
policy: p
owners: [pricing]
models: [m]
transitions:
  - from: staging
    to: production
    gates:
      - {metric: rmse, max: 5}
      - {metric: mae, compared_to: champion, margin: 2%, on_inconclusive: reject}
exceptions:
"""
WAIVED = '  - {gate: rmse, reason: "TLC-812", by: pricing, expires: 2026-12-31}\n'
FINE = compared(2.0, 2.4)


def policy_with(*waivers):
    return parse_policy(TEXT + "".join(waivers), file="f")


def said(*waivers, day="2026-11-25", **findings):
    policy = policy_with(*waivers)
    rule = policy.transitions[0]
    evaluation = evaluate(policy, rule, evidence(**findings))
    moment = Moment(now=datetime.fromisoformat(day).replace(tzinfo=UTC))
    return decide(policy, rule, evaluation, authors=frozenset(), groups={}, moment=moment)


@pytest.mark.parametrize(
    ("findings", "answer"),
    [
        pytest.param({"rmse": 6.0}, "promote", id="a failure"),
        pytest.param({"rmse": Gap(reason="gone")}, "promote", id="what could not be judged"),
        pytest.param({"rmse": 4.0}, "promote", id="a pass needs none"),
    ],
)
def test_a_waived_gate_stops_nothing(findings, answer):
    assert said(WAIVED, **findings, mae_compared=FINE).answer == answer


def test_a_waived_gate_that_the_data_leaves_open_asks_nobody():
    waived = "  - {gate: mae against champion, reason: x, by: pricing, expires: 2026-12-31}\n"
    assert said(waived, rmse=4.0, mae_compared=compared(2.42, 2.4)).answer == "promote"


def test_the_decision_says_who_waived_what_until_when_and_why():
    assert said(WAIVED, rmse=6.0, mae_compared=FINE).reasons == (
        "1 of 2 gates passed",
        "waived by pricing until 2026-12-31 (TLC-812): rmse was 6.00, at most 5.00 allowed, on 10,377 rows",
    )


@pytest.mark.parametrize(
    ("day", "answer"), [("2026-12-31T23:59:59", "promote"), ("2027-01-01", "reject")], ids=["last", "after"]
)
def test_an_exception_counts_to_the_end_of_its_day(day, answer):
    assert said(WAIVED, day=day, rmse=6.0, mae_compared=FINE).answer == answer


def test_an_exception_that_has_ended_is_said_to_have():
    reasons = said(WAIVED, day="2027-01-01", rmse=6.0, mae_compared=FINE).reasons
    assert reasons[-1] == "the exception for rmse by pricing ended with 2026-12-31 and counts no more"


def test_of_two_exceptions_the_one_that_lasts_longer_counts():
    renewed = WAIVED.replace("2026-12-31", "2027-01-31").replace("812", "813")
    reasons = said(WAIVED, renewed, day="2027-01-01", rmse=6.0, mae_compared=FINE).reasons
    assert "waived by pricing until 2027-01-31 (TLC-813)" in reasons[-1]


def test_with_every_gate_waived_nothing_speaks_for_a_promotion():
    both = WAIVED + WAIVED.replace("gate: rmse", "gate: mae against champion")
    one = said(both, rmse=6.0, mae_compared=compared(9.0, 2.4))
    assert one.answer == "ask"
    assert one.until == datetime(2027, 1, 1, tzinfo=UTC)


def test_a_version_whose_files_are_lost_is_never_waived():
    with pytest.raises(PolicyInvalid, match="f:8:16: 'artifacts' is the name of Gatehouse's own verdict"):
        parse_policy(TEXT.replace("{metric: rmse", "{name: artifacts, metric: rmse") + WAIVED, file="f")


def test_an_exception_changes_the_policy_that_approvals_are_bound_to():
    assert policy_with(WAIVED).digest != policy_with(WAIVED.replace("812", "813")).digest


@pytest.mark.parametrize(
    ("waiver", "problem"),
    [
        (WAIVED.replace("rmse", "rsme"), "f:11:12: no gate 'rsme' in this policy, did you mean 'rmse'?"),
        (WAIVED.replace("2026-12-31", "soon"), "f:11:59: 'soon' is not a date, write one such as 2026-12-31"),
        (WAIVED.replace("2026-12-31", "2026-13-31"), "f:11:59: '2026-13-31' is not in the calendar"),
        (WAIVED.replace(", expires: 2026-12-31", ""), "f:11:5: 'expires' is missing, add it"),
        (WAIVED.replace('"TLC-812"', '""'), "f:11:26: nothing stands here, write a text"),
        (WAIVED.replace("by:", "bye:"), "f:11:37: unknown key 'bye', did you mean 'by'?"),
    ],
)
def test_a_bad_exception_is_told_with_place_and_remedy(waiver, problem):
    with pytest.raises(PolicyInvalid) as caught:
        policy_with(waiver)
    assert any(str(one).startswith(problem) for one in caught.value.problems), caught.value


def test_nobody_excepts_from_a_policy_without_owners():
    with pytest.raises(PolicyInvalid, match="f:9:1: exceptions in a policy that nobody owns, add owners"):
        parse_policy(TEXT.replace("owners: [pricing]\n", "") + WAIVED, file="f")


@pytest.mark.parametrize(
    ("by", "problem"),
    [
        pytest.param("pricing", None, id="an owner"),
        pytest.param("Grace", None, id="a member"),
        pytest.param("linus", "'linus' is no owner and in no group of them, known here:", id="a stranger"),
        pytest.param("risk", "'risk' is no owner and in no group of them", id="another group"),
        pytest.param("pricng", "'pricng' is no owner and in no group of them, did you mean 'pricing'?", id="a slip"),
    ],
)  # fmt: skip
def test_an_owner_or_a_member_of_theirs_answers_for_it(tmp_path, by, problem):
    (tmp_path / "p.yaml").write_text(TEXT + WAIVED.replace("by: pricing", f"by: {by}"))
    (tmp_path / "reviewers.yaml").write_text("groups: {pricing: [ada, grace], risk: [linus]}")
    problems = [str(one) for one in load_policies(tmp_path).problems]
    assert len(problems) == bool(problem)
    assert not problem or f"p.yaml:11:41: {problem}" in problems[0]


def test_an_exception_that_has_ended_is_worth_a_warning():
    assert list(ended_exceptions(policy_with(WAIVED), datetime(2026, 12, 31, 23, tzinfo=UTC))) == []
    warnings = ended_exceptions(policy_with(WAIVED), datetime(2027, 1, 1, tzinfo=UTC))
    assert [str(one) for one in warnings] == [
        "f:11:59: the exception for 'rmse' ended with 2026-12-31, take it out, or renew it"
    ]
