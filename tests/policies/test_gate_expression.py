import math

import pytest

from policies.evaluate import evaluate, needs
from policies.evidence.comparison import ComparisonNeed
from policies.evidence.measurement import MetricNeed
from policies.parse import parse_policy
from policies.problems import PolicyInvalid
from tests.policies.made import compared, evidence, facts, policy_of

PROMISED = "candidate.tags.owner != '' && candidate.metrics.rmse < 1.1 * candidate.logged.val_rmse"
BETTER = "candidate.metrics.rmse < champion.metrics.mae || champion.tags.owner == 'x'"
GOOD = facts(tags={"owner": "ada", "git-commit": "c0ffee"}, logged={"val_rmse": 4.2})


def gate(text):
    return f'{{expression: "{text}"}}'


def verdict(text, seen):
    policy = policy_of([gate(text)])
    return evaluate(policy, policy.transitions[0], seen).verdicts[0]


@pytest.mark.parametrize(
    ("text", "seen", "outcome", "says"),
    [
        (PROMISED, evidence(candidate=GOOD, rmse=4.5), "pass", f"'{PROMISED}' holds: candidate.tags.owner was 'ada'; candidate.metrics.rmse was 4.50; candidate.logged.val_rmse was 4.20"),
        (PROMISED, evidence(candidate=GOOD, rmse=5.5), "fail", f"'{PROMISED}' does not hold: candidate.tags.owner was 'ada'; candidate.metrics.rmse was 5.50; candidate.logged.val_rmse was 4.20"),
        (PROMISED, evidence(candidate=facts(logged={"val_rmse": 4.2}), rmse=4.5), "error", "the candidate has no tag 'owner': take it out"),
        (PROMISED, evidence(candidate=facts(tags={"owner": ""}, logged={"val_rmse": 4.2}), rmse=4.5), "fail", "does not hold"),
        (PROMISED, evidence(candidate=facts(tags={"owner": "a"}, logged={"val_mse": 1}), rmse=4.5), "error", "the candidate has no logged metric 'val_rmse': did you mean 'val_mse'?"),
        (PROMISED, evidence(candidate=GOOD), "error", "rmse on holdout was not measured"),
        (PROMISED, evidence(candidate=GOOD, rmse=math.nan), "error", "candidate.metrics.rmse was nan, which is no figure to reckon with"),
        (PROMISED, evidence(candidate=GOOD, rmse=math.inf), "error", "candidate.metrics.rmse was inf, which is no figure to reckon with"),
        ("!(candidate.metrics.rmse > 3)", evidence(rmse=math.nan), "error", "candidate.metrics.rmse was nan"),
        ("candidate.metrics.rmse != 3", evidence(rmse=math.nan), "error", "candidate.metrics.rmse was nan"),
        ("true || candidate.metrics.rmse < 3", evidence(), "error", "rmse on holdout was not measured"),
        ("false || candidate.tags['git-commit'] == 'c0ffee'", evidence(candidate=GOOD), "pass", "candidate.tags['git-commit'] was 'c0ffee'"),
        ("candidate.tags.owner.matches('(')", evidence(candidate=GOOD), "error", "has no answer: invalid regular expression"),
        (BETTER, evidence(champion=False, rmse=4.5), "skip", "was not asked: there is no champion yet"),
        (BETTER, evidence(rmse=4.5, mae_compared=compared(3.0, 5.0)), "error", "the champion has no tag 'owner'"),
        ("candidate.metrics.rmse < champion.metrics.mae", evidence(rmse=4.5, mae_compared=compared(3.0, 5.0)), "pass", "champion.metrics.mae was 5.00"),
        ("true", evidence(), "pass", "'true' holds"),
    ],
)  # fmt: skip
def test_an_expression_is_judged_on_what_is_there_and_finite(text, seen, outcome, says):
    found = verdict(text, seen)
    assert (found.outcome, says in found.sentence) == (outcome, True), found.sentence


def test_its_needs_follow_from_its_names():
    policy = policy_of([gate(BETTER)])
    assert needs(policy, policy.transitions[0]) == (
        MetricNeed(metric="rmse", dataset="holdout"),
        ComparisonNeed(metric="mae", dataset="holdout"),
    )


def test_a_slip_is_told_with_its_place_when_the_policy_is_loaded():
    with pytest.raises(PolicyInvalid) as refused:
        policy_of([gate("candidate.metrics.rsme < 1")])
    assert str(refused.value) == "policy.yaml:6:26: no metric 'rsme', did you mean 'rmse'?"


def test_a_variable_is_not_filled_into_an_expression():
    with pytest.raises(PolicyInvalid, match="is not filled in here"):
        parse_policy(
            policy_of([gate("true")]).text.replace("true", "candidate.tags.a == '${HOME}'"), file="f"
        )
