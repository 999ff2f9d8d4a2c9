import pytest

from policies.evidence.gap import Gap
from policies.evidence.monotony import Monotony
from policies.problems import PolicyInvalid
from tests.policies.made import evidence, policy_of
from tests.policies.test_gates import verdict

UP = "{monotonic: {column: km, direction: increasing, at_least: 95%}}"
DOWN = "{monotonic: {column: km, direction: decreasing, at_least: 95%}}"
KEY = "predictions on holdout with km moved upwards"


def moved(fell=0, rose=1000, rows=1000):
    return Monotony(rows=rows, never_fell=rows - fell, never_rose=rows - rose, moved=max(fell, rose))


@pytest.mark.parametrize(
    ("gate", "finding", "outcome", "sentence"),
    [
        (
            UP,
            moved(),
            "pass",
            "with km moved upwards 0 predictions fell: 100% kept to it, at least 95% demand",
        ),
        (UP, moved(fell=50), "pass", "with km moved upwards 50 predictions fell: 95% kept to it"),
        (
            UP,
            moved(fell=51),
            "fail",
            "with km moved upwards 51 predictions fell: 94.9% kept to it, at least 95",
        ),
        (DOWN, moved(), "fail", "with km moved upwards 1,000 predictions rose: 0% kept to it"),
        (DOWN, moved(fell=1000, rose=0), "pass", "with km moved upwards 0 predictions rose: 100%"),
        (
            UP,
            moved(rose=0),
            "error",
            "no prediction moved with km, on 1,000 rows: the model makes nothing of",
        ),
        (UP, moved(rows=0, rose=0), "error", "the rows with km moved upwards cannot be counted"),
        (UP, moved(fell=-1), "error", "the rows with km moved upwards cannot be counted"),
        (UP, moved(fell=1001), "error", "the rows with km moved upwards cannot be counted"),
        (UP, Gap(reason="no column km"), "error", "no column km"),
        (UP, Gap(reason="it crashed", fault="candidate"), "fail", "it crashed"),
        (UP, None, "error", f"{KEY} was not measured"),
    ],
)
def test_enough_rows_keep_to_the_direction(gate, finding, outcome, sentence):
    seen = evidence().model_copy(update={"findings": {KEY: finding} if finding else {}})
    said = verdict(gate, seen)
    assert said.sentence.startswith(sentence)
    assert said.outcome == outcome


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (
            "{column: km, direction: up, at_least: 95%}",
            "'up' is not known here, known here: increasing, decr",
        ),
        ("{column: km, direction: increasing, at_least: 0.95}", "write 95%"),
        ("{column: km, direction: increasing, at_least: 105%}", "105% is not a share"),
        ("{direction: increasing, at_least: 95%}", "'column' is missing"),
        ("{column: km, direction: increasing}", "'at_least' is missing"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_place(options, problem):
    with pytest.raises(PolicyInvalid) as found:
        policy_of([f"{{monotonic: {options}}}"])
    assert problem in str(found.value)
    assert "policy.yaml:6:" in str(found.value)
