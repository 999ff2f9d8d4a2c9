import math

import pytest

from policies.evidence.answers import Answers
from policies.evidence.gap import Gap
from policies.evidence.loading import Loading
from policies.problems import PolicyInvalid
from tests.policies.made import evidence, policy_of
from tests.policies.test_gates import verdict

GATE = "{predictions: {min: 2.5, max: 250, finite: true, nulls: 1%}, severity: warn}"


def answers(**changes):
    usual = {"rows": 1000, "missing": 0, "infinite": 0, "lowest": 3.0, "highest": 90.0}
    return Answers(**{**usual, **changes})


def judged(finding, gate=GATE):
    found = {"predictions on holdout": finding} if finding else {}
    return verdict(gate, evidence().model_copy(update={"findings": found}))


@pytest.mark.parametrize(
    ("finding", "outcome", "sentence"),
    [
        (answers(), "pass", "predictions lay between 3.00 and 90.00, on 1,000 rows"),
        (answers(missing=10), "pass", "predictions lay between"),
        (
            answers(missing=11),
            "fail",
            "11 predictions were missing (1.1%, at most 1% allowed), on 1,000 rows",
        ),
        (answers(infinite=1), "fail", "1 predictions were infinite, none may be, on"),
        (answers(lowest=2.4), "fail", "the lowest prediction was 2.40, at least 2.50 allowed, on"),
        (answers(highest=251.0), "fail", "the highest prediction was 251.00, at most 250.00 allowed, on"),
        (
            answers(lowest=-1.0, highest=999.0),
            "fail",
            "the lowest prediction was -1.00, at least 2.50 allowed; the highest prediction was 999.00,",
        ),
        (
            answers(missing=1000, lowest=None, highest=None),
            "fail",
            "1,000 predictions were missing (100%, at most 1% allowed); no prediction was a finite number",
        ),
        (answers(rows=0), "error", "there were no rows to predict"),
        (answers(lowest=math.nan), "error", "the predictions were told in figures that cannot be"),
        (answers(highest=math.inf), "error", "the predictions were told in figures"),
        (answers(missing=-1), "error", "the predictions were told in figures"),
        (answers(missing=1001), "error", "the predictions were told in figures"),
        (answers(lowest=None), "error", "the predictions were told in figures"),
        (Gap(reason="it crashed", fault="candidate"), "fail", "it crashed"),
        (Gap(reason="no hold-out"), "error", "no hold-out"),
        (Loading(seconds=1), "error", "predictions on holdout was answered with a loading"),
        (None, "error", "predictions on holdout was not measured"),
    ],
)
def test_predictions_are_numbers_within_bounds(finding, outcome, sentence):
    said = judged(finding)
    assert said.sentence.startswith(sentence)
    assert (said.outcome, said.severity) == (outcome, "warn")


def test_missing_predictions_are_never_allowed_unless_said():
    assert judged(answers(missing=1), "{predictions: {min: 2.5}}").outcome == "fail"


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ("{min: 9, max: 3}", "policy.yaml:6:27: min is above max"),
        ("{finite: false}", "write true"),
        ("{nulls: 5}", "write 5%"),
        ("{nulls: 101%}", "101% is not a share"),
        ("{least: 5}", "unknown key 'least'"),
        ("{max: .inf}", "write a finite number"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_place(options, problem):
    with pytest.raises(PolicyInvalid) as found:
        policy_of([f"{{predictions: {options}}}"])
    assert problem in str(found.value)
    assert "policy.yaml:6:" in str(found.value)
