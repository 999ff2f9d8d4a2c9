from pathlib import Path

import pytest

from policies.cases import run_cases
from policies.load import load_policies, load_policy
from policies.parse import parse_policy
from policies.problems import PolicyInvalid
from policies.verdicts import Answer
from tests.policies.made import SMALLEST

SHIPPED = Path("policies/definitions")
POLICY = parse_policy(SMALLEST, file="policy.yaml")


def results_of(text):
    return run_cases(POLICY, text, file="cases.yaml")


def case(body):
    return f"cases:\n  - case: it\n    from: staging\n    {body}\n"


def test_the_policies_we_ship_are_sound():
    book = load_policies(SHIPPED)
    assert book.problems == ()
    assert book.for_model("taxi-fare").name == "taxi-fare"


def test_the_policies_we_ship_answer_as_their_cases_say_with_every_answer():
    policy = load_policy(SHIPPED / "taxi-fare" / "policy.yaml")
    text = (SHIPPED / "taxi-fare" / "cases.yaml").read_text()
    results = run_cases(policy, text, file="cases.yaml")
    assert [(result.case, result.differences) for result in results if not result.passed] == []
    assert all(f"answer: {answer}" in text for answer in Answer)


@pytest.mark.parametrize(
    ("body", "difference"),
    [
        pytest.param(
            "given: {measured: {rmse: 6, mae: 2}, champion: {mae: 2}}\n    answer: promote",
            "the answer is reject, not promote: rmse was 6.00, at most 5.00 allowed, on 10,000 rows",
            id="answer",
        ),
        pytest.param(
            "given: {measured: {rmse: 6, mae: 2}, champion: {mae: 2}}\n    answer: reject\n    gates: {}",
            "the gate 'rmse' says fail, not pass: rmse was 6.00, at most 5.00 allowed, on 10,000 rows",
            id="gate that fails",
        ),
        pytest.param(
            "given: {measured: {rmse: 4, mae: 2}, champion: {mae: 2}}\n    answer: ask\n    gates: {rmse: fail}",
            "the gate 'rmse' says pass, not fail: rmse was 4.00, at most 5.00 allowed, on 10,000 rows",
            id="gate that passes",
        ),
        pytest.param(
            "given: {measured: {rmse: 6, mae: 2}, champion: {mae: 2}}\n    answer: reject\n"
            "    gates: {rmse: fail, mea: fail}",
            "there is no gate 'mea', known here: rmse, mae against champion",
            id="no such gate",
        ),
        pytest.param(
            "given: {measured: {rmse: 6, mae: 2}, champion: {mae: 2}}\n    answer: reject\n"
            "    steps: [{transition: archived}]",
            "no decision here is followed by transition Archived, known here: transition Production (clearing it)",
            id="step that is never taken",
        ),
        pytest.param(
            "given: {measured: {rmse: 6, mae: 2}, champion: {mae: 2}}\n    answer: reject\n"
            "    steps: [{transition: production}]",
            "the steps are none, not transition Production (clearing it)",
            id="steps",
        ),
        pytest.param(
            "given: {measured: {rsme: 6}}\n    answer: hold",
            "no gate here asks for rsme",
            id="figure nobody asks for",
        ),
    ],
)
def test_a_difference_is_told(body, difference):
    (result,) = results_of(case(body))
    assert result.differences == (difference,)


def test_a_case_from_a_stage_without_transition_is_told():
    (result,) = results_of("cases: [{case: it, from: none, answer: ask}]")
    assert result.differences == ("the policy has no transition from none",)


def test_groups_of_reviewers_stand_in_the_file():
    policy = parse_policy(SMALLEST.replace("approvals: 1", "approvals: [{from: [pricing]}]"), file="p")
    text = "groups: {pricing: [ada]}\n" + case(
        "given: {measured: {rmse: 4, mae: 2}, champion: {mae: 2}}\n    approved_by: [ada]\n    answer: promote"
    )
    (result,) = run_cases(policy, text, file="c")
    assert result.passed


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("cases: []", "cases.yaml:1:8: nothing stands here, write at least one"),
        (case("answer: promoted"), "cases.yaml:4:13: 'promoted' is not known here, did you mean 'promote'?"),
        (case("given: {loads: soon}\n    answer: ask"), "cases.yaml:4:20: 'soon' is not a duration"),
        (
            case("answer: ask\n    gates: {rmse: bad}"),
            "cases.yaml:5:19: 'bad' is not known here, known here: pass",
        ),
        (case("given: {uncertainty: 5}\n    answer: ask"), "cases.yaml:4:26: a percent is due here"),
        (case("given: {measured: {rmse: []}}\n    answer: ask"), "cases.yaml:4:30: "),
        ("cases: [{case: it, from: staging}]", "cases.yaml:1:9: 'answer' is missing, add it"),
    ],
)
def test_a_file_of_cases_is_checked_like_a_policy(text, problem):
    with pytest.raises(PolicyInvalid) as caught:
        results_of(text)
    assert str(caught.value).startswith(problem)


def test_figures_of_other_data_sets_go_by_their_full_names():
    text = SMALLEST.replace("max: 5.0}", "max: 5.0, dataset: fresh}").replace(
        "margin: 2%}", "margin: 2%, dataset: fresh}"
    )
    policy = parse_policy(text + "datasets: {fresh: {uri: f.csv, target: y}}\n", file="p")
    body = "given: {measured: {rmse on fresh: 6, mae: 2}, champion: {mae on fresh: 2}}\n    answer: reject\n"
    (result,) = run_cases(policy, case(body + "    gates: {rmse on fresh: fail}"), file="c")
    assert result.differences == ()


TIMED = SMALLEST.replace(
    "approvals: 1", 'soak: 24h\n    freeze: {timezone: UTC, windows: [{from: "Fri 15:00", to: "Mon 09:00"}]}'
)


@pytest.mark.parametrize(
    ("when", "answer"),
    [
        pytest.param("", "promote", id="no time is named"),
        pytest.param("at: 2026-11-21 12:00", "hold", id="a Saturday"),
        pytest.param("at: 2026-11-24", "promote", id="a Tuesday"),
        pytest.param("soaked: 2h", "hold", id="too early"),
        pytest.param("at: 2026-11-24, soaked: 24h", "promote", id="in time"),
    ],
)
def test_a_case_may_say_when(when, answer):
    given = "given: {measured: {rmse: 4.0, mae: 2.0}, champion: {mae: 2.4}}"
    text = f"cases: [{{case: x, from: staging, {given}, answer: {answer}{', ' * bool(when)}{when}}}]"
    assert run_cases(parse_policy(TIMED, file="p"), text, file="c")[0].differences == ()


def test_a_word_where_a_number_is_due_is_told_with_its_case():
    (result,) = results_of(case("given: {measured: {rmse: low}}\n    answer: ask"))
    assert result.differences == ("'rmse' is told as 'low'; write a number",)


def test_a_metric_alone_means_the_hold_out_where_several_data_sets_are_asked():
    text = SMALLEST.replace("    approvals: 1\n", "      - {metric: rmse, dataset: fresh, max: 5.0}\n")
    policy = parse_policy(
        text + "datasets: {holdout: {uri: h.csv, target: y}, fresh: {uri: f.csv, target: y}}\n", file="p"
    )
    body = "given: {measured: {rmse: 4, mae: 2}, champion: {mae: 2}}\n    answer: hold\n"
    (result,) = run_cases(policy, case(body + "    gates: {rmse on fresh: error}"), file="c")
    assert result.differences == ()


@pytest.mark.parametrize(
    ("more", "answer"),
    [
        pytest.param("", "ask", id="just asked"),
        pytest.param(", waited: 23h, approved_by: [zoe]", "ask", id="it is not theirs to say yet"),
        pytest.param(", waited: 24h, approved_by: [zoe]", "promote", id="others are asked"),
        pytest.param(", waited: 72h", "reject", id="nobody answered"),
    ],
)
def test_a_case_may_say_how_long_people_have_been_asked(more, answer):
    entry = "approvals: [{from: [pricing], expires: 72h, escalate: {after: 24h, to: [heads]}}]"
    given = "given: {measured: {rmse: 4.0, mae: 2.0}, champion: {mae: 2.4}}"
    text = f"groups: {{heads: [zoe]}}\ncases: [{{case: x, from: staging, {given}, answer: {answer}{more}}}]"
    policy = parse_policy(SMALLEST.replace("approvals: 1", entry), file="p")
    assert run_cases(policy, text, file="c")[0].differences == ()
