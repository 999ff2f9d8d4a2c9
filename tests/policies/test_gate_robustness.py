import math

import pytest

from policies.evidence.disturbance import Disturbance
from policies.evidence.gap import Gap
from policies.problems import PolicyInvalid
from tests.policies.made import evidence, policy_of
from tests.policies.test_gates import verdict

NOISE = "{robustness: {noise: 0.01, columns: [lat, lon]}, max_change: 10%}"
R2 = "{robustness: {missing: 5%, columns: [lat], metric: r2}, max_change: 10%}"
KEYS = {
    NOISE: "rmse on holdout under noise 0.01 in lat, lon",
    R2: "r2 on holdout under 5.000% missing in lat",
}


def before_after(before, after, rows=900):
    return Disturbance(before=before, after=after, rows=rows)


@pytest.mark.parametrize(
    ("gate", "finding", "outcome", "sentence"),
    [
        (
            NOISE,
            before_after(4.0, 4.2),
            "pass",
            "rmse went from 4.00 to 4.20 (5% worse) under noise in lat, lon, at most 10% worse allowed, on 900",
        ),
        (NOISE, before_after(4.0, 4.41), "fail", "rmse went from 4.00 to 4.41 (10.3% worse)"),
        (NOISE, before_after(4.0, 3.0), "pass", "rmse went from 4.00 to 3.00 (25% better)"),
        (NOISE, before_after(4.0, 4.0), "pass", "rmse stayed 4.00 under noise"),
        (NOISE, before_after(0.0, 0.5), "fail", "rmse went from 0.00 to 0.50 (endlessly worse)"),
        (R2, before_after(0.9, 0.85), "pass", "r2 went from 0.90 to 0.85 (5.56% worse) under missing in lat"),
        (R2, before_after(0.9, 0.7), "fail", "r2 went from 0.90 to 0.70 (22.2% worse)"),
        (R2, before_after(-0.1, 0.7), "error", "r2 was -0.1 before anything was disturbed"),
        (R2, before_after(0.0, 0.0), "error", "r2 was 0 before anything was disturbed"),
        (NOISE, before_after(math.nan, 4.0), "error", "rmse was nan before and 4.0 after"),
        (NOISE, before_after(4.0, math.inf), "error", "rmse was 4.0 before and inf after"),
        (NOISE, before_after(4.0, 4.0, rows=0), "error", "rmse was 4.0 before and 4.0 after, on 0 rows"),
        (NOISE, Gap(reason="no column lat"), "error", "no column lat"),
        (NOISE, Gap(reason="it crashed", fault="candidate"), "fail", "it crashed"),
        (NOISE, None, "error", f"{KEYS[NOISE]} was not measured"),
    ],
)
def test_a_disturbed_metric_may_be_little_worse(gate, finding, outcome, sentence):
    seen = evidence().model_copy(update={"findings": {KEYS[gate]: finding} if finding else {}})
    said = verdict(gate, seen)
    assert said.sentence.startswith(sentence)
    assert said.outcome == outcome


@pytest.mark.parametrize(
    ("gate", "problem"),
    [
        ("{robustness: {columns: [lat]}, max_change: 10%}", "nothing is disturbed, add noise or missing"),
        ("{robustness: {noise: 0.1, columns: []}, max_change: 10%}", "write at least one"),
        ("{robustness: {noise: 0.1, columns: [a, a]}, max_change: 10%}", "a column stands here twice"),
        ("{robustness: {noise: -1, columns: [a]}, max_change: 10%}", "write more than 0"),
        ("{robustness: {noise: .inf, columns: [a]}, max_change: 10%}", "write at most 10"),
        ("{robustness: {noise: 0.1, columns: [a]}, max_change: -10%}", "is out of bounds"),
        ("{robustness: {noise: 0.1, columns: [a]}}", "'max_change' is missing"),
        ("{robustness: {noise: 0.1, columns: [a], metric: rsme}, max_change: 1%}", "did you mean 'rmse'?"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_place(gate, problem):
    with pytest.raises(PolicyInvalid) as found:
        policy_of([gate])
    assert problem in str(found.value)
    assert "policy.yaml:6:" in str(found.value)
