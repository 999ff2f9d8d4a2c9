"""`not_trained_on: true`: a data set brings its own gate with it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from policies.evaluate import evaluate, needs
from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from policies.evidence.measurement import Measurement
from policies.evidence.overlap import Overlap, OverlapNeed
from policies.gates.unseen import Unseen, beyond_chance
from policies.parse import parse_policy
from policies.problems import PolicyInvalid
from policies.verdicts import Outcome
from registry.words import VersionFacts

TEXT = """
policy: p
models: [m]
owners: [ada]
datasets:
  holdout: {{uri: a.csv, target: y, not_trained_on: true{more}}}
  fresh: {{uri: b.csv, target: y, not_trained_on: true}}
transitions:
  - from: staging
    to: production
    gates: [{{metric: rmse, max: 5}}]
{exceptions}
"""
BY_KEY, BY_DIGEST = Unseen(dataset="holdout", key="id"), Unseen(dataset="holdout")


def policy(more="", exceptions=""):
    return parse_policy(TEXT.format(more=more, exceptions=exceptions), file="p.yaml")


def judged(gate, found):
    facts = VersionFacts(name="m", version=2, source="s")
    return gate.judge(Evidence(candidate=facts, findings={gate.needs()[0].key: found}))


def test_only_data_sets_that_gates_ask_for_are_asked_about():
    one = policy(", key: id")
    assert needs(one, one.transitions[0])[1:] == (OverlapNeed(dataset="holdout", column="id"),)


def test_its_verdict_stands_behind_those_of_the_rule():
    one = policy()
    found = {
        "rmse on holdout": Measurement(value=4.0, rows=100),
        "overlap of holdout with the training data": Overlap(rows=100, logged=("a",), same=("a",)),
    }
    facts = VersionFacts(name="m", version=2, source="s")
    verdicts = evaluate(one, one.transitions[0], Evidence(candidate=facts, findings=found)).verdicts
    assert [(v.gate, v.outcome) for v in verdicts] == [
        ("rmse", Outcome.PASS),
        ("not trained on holdout", Outcome.FAIL),
    ]


def test_without_a_finding_it_is_an_error():
    one = policy()
    facts = VersionFacts(name="m", version=2, source="s")
    verdict = evaluate(one, one.transitions[0], Evidence(candidate=facts)).verdicts[-1]
    assert (verdict.outcome, verdict.sentence) == (
        Outcome.ERROR,
        "overlap of holdout with the training data was not measured",
    )


@pytest.mark.parametrize(
    ("gate", "found", "outcome", "sentence"),
    [
        (BY_KEY, Overlap(rows=9, shared=0, keys=50), "pass", "none of 9 rows was trained on, by their 'id', of 50 keys logged"),
        (BY_KEY, Overlap(rows=9, shared=2, keys=50), "fail", "2 of 9 rows were trained on, by their 'id'; none may be"),
        (BY_KEY, Overlap(rows=9, shared=2, by_chance=1e-8), "fail", "2 of 9 rows were"),
        (BY_KEY, Overlap(rows=9, shared=1, by_chance=0.5), "inconclusive", "or none: the filter of its keys shows 0.5 by chance"),
        (BY_KEY, Overlap(rows=9), "inconclusive", "its trainer logged no keys of the column 'id'"),
        (BY_KEY, Overlap(rows=9, logged=("a",)), "inconclusive", "its trainer logged no keys of the column 'id'"),
        (BY_KEY, Overlap(rows=9, shared=0, same=("a",)), "fail", "was trained on this very data: 'a' of its run"),
        (BY_DIGEST, Overlap(rows=9, logged=("a", "b")), "pass", "training data (a, b) is other data, on 9 rows; single rows were not compared"),
        (BY_DIGEST, Overlap(rows=9, logged=("a", "b"), same=("b",)), "fail", "this very data: 'b' of its run"),
        (BY_DIGEST, Overlap(rows=9), "inconclusive", "its run logged no training data whose digest can be compared"),
        (BY_DIGEST, Gap(reason="the registry is away"), "error", "the registry is away"),
    ],
)  # fmt: skip
def test_what_is_said_of_what_was_found(gate, found, outcome, sentence):
    verdict = judged(gate, found)
    assert verdict.outcome == outcome
    assert sentence in verdict.sentence


@given(st.integers(0, 500), st.floats(0, 400))
def test_what_is_called_certain_is_so_by_the_poisson_distribution(shared, expected):
    if beyond_chance(shared, expected):
        assert poisson.sf(shared - 1, expected) <= 1e-3
    if shared > 3 * expected + 12:
        assert beyond_chance(shared, expected)


@pytest.mark.parametrize("expected", [math.nan, math.inf])
def test_a_chance_that_is_no_figure_makes_nothing_certain(expected):
    assert not beyond_chance(5, expected)


def test_it_may_be_excepted_by_its_name():
    text = "exceptions: [{gate: not trained on holdout, reason: r, by: ada, expires: 2026-12-31}]"
    assert policy(exceptions=text).exceptions[0].gate == "not trained on holdout"
    with pytest.raises(PolicyInvalid, match="no gate 'not trained on fresh'"):
        policy(exceptions=text.replace("holdout", "fresh"))


def test_a_key_without_the_demand_is_a_slip():
    with pytest.raises(PolicyInvalid, match="'key' is for not_trained_on"):
        parse_policy(TEXT.format(more="", exceptions="").replace("not_trained_on: true", "key: id"), file="p")
