import math

import pytest

from policies.evidence.drift import Drift
from policies.evidence.gap import Gap
from policies.problems import PolicyInvalid
from tests.policies.made import evidence, policy_of
from tests.policies.test_gates import verdict

GATE = "{drift: {against: training, psi: 0.2}, severity: warn, on_inconclusive: hold}"
KEY = "drift on holdout against training"


def drifted(by_chance=0.001, rows=10_000, trained_on=6_000, **psi):
    return Drift(psi=psi, by_chance=by_chance, rows=rows, trained_on=trained_on)


@pytest.mark.parametrize(
    ("finding", "outcome", "sentence"),
    [
        (
            drifted(km=0.05, hour=0.19),
            "pass",
            "the largest drift was psi 0.19, of hour, at most 0.20 allowed, on 10,000 rows against 6,000 of tr",
        ),
        (
            drifted(km=0.5, hour=0.3, zone=0.1),
            "fail",
            "the largest drift was psi 0.50, of km, at most 0.20 allowed (above it also hour), on 10,000",
        ),
        (drifted(**{f"c{n}": 1.0 + n for n in range(9)}), "fail", "the largest drift was psi 9.00, of c8"),
        (
            drifted(km=0.25, by_chance=0.1, rows=60),
            "inconclusive",
            (
                "the largest drift was psi 0.25, of km, at most 0.20 allowed, on 60 rows against 6,000 of training"
                ": so few rows show 0.1 by chance; more would tell"
            ),
        ),
        (drifted(), "error", "drift rests on no rows"),
        (drifted(km=0.1, rows=0), "error", "drift rests on no rows"),
        (drifted(km=0.1, trained_on=0), "error", "drift rests on no rows"),
        (drifted(km=math.nan), "error", "the index of a column was not a figure"),
        (drifted(km=0.1, hour=-1.0), "error", "the index of a column was not a figure"),
        (drifted(km=math.inf), "error", "the index of a column was not a figure"),
        (drifted(km=0.1, by_chance=math.nan), "error", "the index of a column was not a figure"),
        (Gap(reason="no profile"), "error", "no profile"),
        (None, "error", f"{KEY} was not measured"),
    ],
)
def test_the_column_that_moved_most_decides(finding, outcome, sentence):
    seen = evidence().model_copy(update={"findings": {KEY: finding} if finding else {}})
    said = verdict(GATE, seen)
    assert said.sentence.startswith(sentence)
    assert said.outcome == outcome


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ("{against: production, psi: 0.2}", "'production' is not known here, write training"),
        ("{against: training}", "'psi' is missing"),
        ("{against: training, psi: 20%}", "is not a number"),
        ("{against: training, psi: -0.2}", "write more than 0"),
        ("{against: training, psi: .inf}", "write at most 100"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_place(options, problem):
    with pytest.raises(PolicyInvalid) as found:
        policy_of([f"{{drift: {options}}}"])
    assert problem in str(found.value)
    assert "policy.yaml:6:" in str(found.value)
