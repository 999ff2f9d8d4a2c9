"""The gate judges as its cases say, and a slip in its options is told with its place."""

from pathlib import Path

import pytest

from policies.cases import run_cases
from policies.load import load_policy
from policies.parse import parse_policy
from policies.problems import PolicyInvalid

HERE = Path(__file__).parent
POLICY = HERE / "policy.yaml"
CASES = HERE / "cases.yaml"
RESULTS = run_cases(load_policy(POLICY), CASES.read_bytes(), file=str(CASES))


@pytest.mark.parametrize("result", RESULTS, ids=lambda result: result.case)
def test_the_policy_answers_as_its_cases_say(result):
    assert not result.differences


@pytest.mark.parametrize(
    ("gate", "problem"),
    [
        ("{error_tail: 0.5}", "'0.5' is out of bounds, write at least 1"),
        ("{error_tail: large}", "'large' is not a number"),
        ("{error_tail: 2.5, datset: fresh}", "unknown key 'datset', did you mean 'dataset'?"),
        ("{error_tial: 2.5}", "unknown gate 'error_tial', did you mean 'error_tail'?"),
    ],
)
def test_bad_options_are_told(gate, problem):
    with pytest.raises(PolicyInvalid) as caught:
        parse_policy(POLICY.read_text().replace("{error_tail: 2.5}", gate), file="policy.yaml")
    assert str(caught.value).startswith("policy.yaml:8:")
    assert problem in str(caught.value)
