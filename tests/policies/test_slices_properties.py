"""What holds of the gate on slices for any figures: it looks at every slice, and nothing gone makes it pass."""

import math

from hypothesis import given
from hypothesis import strategies as st

from policies.evaluate import evaluate
from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from tests.policies.made import facts
from tests.policies.test_gate_sliced_metric import FINE, against, measured, policy_with

POLICY = policy_with("{max: {jfk: 5, night: 4, default: 6}, min_rows: 300, no_worse_than_champion: 10%}")
KEYS = ("rmse by slice on holdout", "rmse by slice against champion on holdout")
GOODNESS = {"pass": 3, "inconclusive": 2, "error": 0, "fail": 0}
FIGURES = st.fixed_dictionaries({name: st.floats(0.1, 8) for name in FINE})
RATIOS = st.fixed_dictionaries({name: st.floats(0.8, 1.4) for name in FINE})
ROWS = st.fixed_dictionaries({name: st.sampled_from([0, 40, 299, 300, 5000]) for name in FINE})


def outcome(figures, rows, ratios, **changed):
    findings = dict(zip(KEYS, (measured(figures, rows), against(ratios)), strict=True)) | changed
    seen = Evidence(
        candidate=facts(),
        champion=facts(version=1),
        findings={key: found for key, found in findings.items() if found is not None},
    )
    return evaluate(POLICY, POLICY.transitions[0], seen).verdicts[0].outcome


@given(FIGURES, ROWS, RATIOS, st.sampled_from([*FINE]), st.floats(1, 3))
def test_a_worse_slice_never_helps(figures, rows, ratios, name, times):
    before = outcome(figures, rows, ratios)
    assert GOODNESS[outcome({**figures, name: figures[name] * times}, rows, ratios)] <= GOODNESS[before]
    assert GOODNESS[outcome(figures, rows, {**ratios, name: ratios[name] * times})] <= GOODNESS[before]


@given(FIGURES, ROWS, RATIOS, st.sampled_from([*FINE]), st.sampled_from([math.nan, math.inf, None]))
def test_a_ruined_slice_never_helps(figures, rows, ratios, name, ruin):
    before = outcome(figures, rows, ratios)
    assert GOODNESS[outcome({**figures, name: ruin}, rows, ratios)] <= GOODNESS[before]


@given(FIGURES, ROWS, RATIOS, st.sampled_from(KEYS), st.sampled_from([None, Gap(reason="gone")]))
def test_a_finding_that_is_gone_is_an_error(figures, rows, ratios, key, ruin):
    assert outcome(figures, rows, ratios, **{key: ruin}) == "error"


@given(FIGURES, ROWS, RATIOS, st.randoms())
def test_the_order_of_slices_never_matters(figures, rows, ratios, random):
    names = random.sample([*FINE], len(FINE))
    shuffled = {name: figures[name] for name in names}, rows, {name: ratios[name] for name in names}
    assert outcome(*shuffled) == outcome(figures, rows, ratios)
