import pytest

from policies.evidence.gap import Gap
from policies.parse import parse_policy
from policies.problems import PolicyInvalid
from tests.policies.made import compared, evidence, policy_of
from tests.policies.test_gates import verdict

LINE = '{metric: rmse, compared_to: "baseline:linear-distance", margin: -20%}'
KEY = "rmse against baseline:linear-distance on holdout"


def seen(finding, champion=True):
    found = evidence(champion=champion)
    return found.model_copy(update={"findings": {KEY: finding} if finding else {}})


@pytest.mark.parametrize(
    ("finding", "outcome", "sentence"),
    [
        (compared(4.0, 8.0), "pass", "rmse was 4.00 against the baseline's 8.00 (50% better"),
        (compared(7.0, 8.0), "fail", "rmse was 7.00 against the baseline's 8.00 (12.5% better"),
        (compared(6.4, 8.0), "inconclusive", "rmse was 6.40 against the baseline's 8.00"),
        (Gap(reason="no such column"), "error", "no such column"),
        (None, "error", f"{KEY} was not measured"),
    ],
)
@pytest.mark.parametrize("champion", [True, False], ids=["with champion", "first version"])
def test_a_candidate_must_beat_the_baseline_champion_or_not(finding, outcome, sentence, champion):
    said = verdict(LINE, seen(finding, champion))
    assert said.sentence.startswith(sentence)
    assert (said.gate, said.outcome) == ("rmse against baseline:linear-distance", outcome)


def test_one_metric_may_be_held_against_champion_and_baselines_at_once():
    rivals = ("champion", "baseline:mean", "baseline:linear-a", "baseline:linear-b")
    gates = [f'{{metric: rmse, compared_to: "{rival}", margin: 0%}}' for rival in rivals]
    policy = policy_of(gates)
    keys = {need.key for gate in policy.transitions[0].gates for need in gate.needs()}
    assert keys == {f"rmse against {rival} on holdout" for rival in rivals}


@pytest.mark.parametrize("rival", ["baseline", "baseline:median", "baseline:linear-", "champ", "last"])
def test_what_cannot_be_compared_with_is_named_with_what_can(rival):
    with pytest.raises(
        PolicyInvalid, match="write champion, baseline:mean or baseline:linear-COLUMN"
    ) as found:
        policy_of([f'{{metric: rmse, compared_to: "{rival}", margin: 0%}}'])
    assert found.value.problems[0].place.startswith("policy.yaml:6:")


def test_a_data_set_that_is_not_the_usual_one_is_named():
    policy = parse_policy(
        "policy: p\nmodels: [m]\ntransitions: [{from: none, to: staging, gates: ["
        '{metric: mae, dataset: fresh, compared_to: "baseline:mean", margin: -5%}]}]\n'
        "datasets: {fresh: {uri: f.csv, target: y}}\n",
        file="p",
    )
    assert policy.transitions[0].gates[0].label == "mae against baseline:mean on fresh"
