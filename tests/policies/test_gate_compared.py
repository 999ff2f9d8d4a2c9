import math

import pytest

from policies.evaluate import evaluate
from policies.evidence.comparison import Comparison, Discordant, Resampled, Spread
from policies.evidence.gap import Gap
from policies.verdicts import Outcome
from tests.policies.made import compared, evidence, policy_of

MAE = "{metric: mae, compared_to: champion, margin: 2%}"


def verdict(gate, seen):
    policy = policy_of([gate])
    return evaluate(policy, policy.transitions[0], seen).verdicts[0]


def mae(candidate, champion, **more):
    return evidence(mae_compared=compared(candidate, champion, **more))


NO_LOSSES = Comparison(candidate=2.1, champion=2.4, rows=900)


@pytest.mark.parametrize(
    ("gate", "seen", "outcome", "sentence"),
    [
        (
            MAE,
            mae(2.1, 2.4),
            "pass",
            (
                "mae was 2.10 against the champion's 2.40 (12.5% better; at worst 11% better with 95% confidence, "
                "2% worse allowed), on 10,377 rows"
            ),
        ),
        (
            MAE,
            mae(2.4, 2.4),
            "pass",
            (
                "mae was 2.40 against the champion's 2.40 (the same; at worst 1.66% worse with 95% confidence, "
                "2% worse allowed), on 10,377 rows"
            ),
        ),
        (
            MAE,
            mae(2.6, 2.4),
            "fail",
            (
                "mae was 2.60 against the champion's 2.40 (8.33% worse; at worst 10.1% worse with 95% confidence, "
                "2% worse allowed), on 10,377 rows"
            ),
        ),
        (
            MAE,
            mae(2.42, 2.4, rows=800),
            "inconclusive",
            (
                "mae was 2.42 against the champion's 2.40 (0.833% worse; at worst 2.51% worse with 95% confidence, "
                "2% worse allowed), on 800 rows: too few to tell, about 1,700 would do if it stays so"
            ),
        ),
        (
            "{metric: mae, compared_to: champion, margin: 0%}",
            mae(2.4, 2.4),
            "inconclusive",
            (
                "mae was 2.40 against the champion's 2.40 (the same; at worst 1.66% worse with 95% confidence, "
                "no worse allowed), on 10,377 rows: too few to tell, and too close for any number of rows"
            ),
        ),
        (
            "{metric: mae, compared_to: champion, margin: -20%}",
            mae(2.1, 2.4),
            "fail",
            (
                "mae was 2.10 against the champion's 2.40 (12.5% better; at worst 11% better with 95% confidence, "
                "20% better demanded), on 10,377 rows"
            ),
        ),
        (MAE, evidence(champion=False), "skip", "mae was not compared: there is no champion yet"),
        (MAE, evidence(), "error", "mae against champion on holdout was not measured"),
        (
            MAE,
            evidence(mae_compared=NO_LOSSES),
            "error",
            "mae was 2.10 against the champion's 2.40, on 900 rows: how",
        ),
        (
            MAE,
            mae(2.1, 2.4, se=math.nan),
            "error",
            "mae was 2.10 against the champion's 2.40, which is not a",
        ),
        (MAE, mae(2.1, 2.4, se=-0.1), "error", "mae was 2.10 against the champion's 2.40, which is not a"),
        (MAE, mae(2.1, 2.4, rows=1), "error", "mae was compared on 1 row: too few to judge by"),
        (MAE, evidence(mae_compared=Gap(reason="the champion crashed")), "error", "the champion crashed"),
        (MAE, mae(1e150, 1e-150), "fail", "mae was 1e+150 against the champion's 1e-150 (1e+302% worse;"),
        (
            MAE,
            mae(2.1, 2.4, se=1e9),
            "inconclusive",
            "mae was 2.10 against the champion's 2.40 (12.5% better; at worst endlessly",
        ),
    ],
)
def test_a_comparison_says_what_it_saw(gate, seen, outcome, sentence):
    said = verdict(gate, seen)
    assert said.sentence.startswith(sentence)
    assert said.outcome == outcome


def resampled(candidate=2.1, champion=2.4, **more):
    """As it is measured: with a spread, and the bootstrap beside."""
    spread = Spread(candidate_se=0.03, champion_se=0.03, dof=400.0)
    beside = Resampled(low=math.log(candidate / champion) - 0.02, high=math.log(candidate / champion) + 0.02)
    return compared(candidate, champion).model_copy(update={"spread": spread, "resampled": beside, **more})


SURE = "{metric: mae, compared_to: champion, margin: 2%, confidence: 99%}"


@pytest.mark.parametrize(
    ("gate", "found", "outcome", "sentence"),
    [
        pytest.param(
            MAE,
            resampled(),
            "pass",
            "mae was 2.10 against the champion's 2.40 (12.5% better; at worst 11% better with 95% confidence "
            "(10.7% better by bootstrap), 2% worse allowed), on 10,377 rows",
            id="the bootstrap is told beside",
        ),
        pytest.param(
            SURE,
            resampled(),
            "pass",
            "mae was 2.10 against the champion's 2.40 (12.5% better; at worst 10.4% better with 99% confidence, "
            "2% worse allowed), on 10,377 rows",
            id="but only of the same confidence",
        ),
        pytest.param(
            MAE,
            resampled(resampled=Resampled(low=9.0, high=9.0)),
            "pass",
            "mae was 2.10 against the champion's 2.40 (12.5% better; at worst 11% better with 95%",
            id="and decides nothing",
        ),
        pytest.param(
            MAE, resampled(days=31), "pass", ", 2% worse allowed), on 10,377 rows of 31 days", id="days"
        ),
        pytest.param(
            MAE,
            Comparison(candidate=2.1, champion=2.4, rows=900, log_ratio=-0.1, days=1),
            "error",
            "on 900 rows of 1 day: how days differ cannot be told from one",
            id="one day",
        ),
        pytest.param(
            MAE,
            resampled(discordant=Discordant(candidate=1040, champion=21, p=0.0123)),
            "pass",
            "on 10,377 rows, 1,040 right by it alone and 21 by the champion (McNemar's p 0.012)",
            id="labels",
        ),
        pytest.param(
            MAE,
            resampled(spread=Spread(candidate_se=0.7, champion_se=0.7, dof=20.0)),
            "inconclusive",
            "at worst endlessly worse with 95% confidence",
            id="nothing is known",
        ),
        *(
            pytest.param(
                MAE,
                resampled(spread=Spread(**{"candidate_se": 0.1, "champion_se": 0.1, "dof": 9.0, **wrong})),
                "error",
                "which is not a comparison of figures",
                id=f"{wrong}",
            )
            for wrong in ({"dof": math.nan}, {"dof": 0.0}, {"champion_se": -1.0}, {"candidate_se": math.inf})
        ),
    ],
)
def test_what_a_comparison_rests_on_is_told(gate, found, outcome, sentence):
    said = verdict(gate, evidence(mae_compared=found))
    assert sentence in said.sentence
    assert said.outcome == outcome


@pytest.mark.parametrize(
    ("margin", "candidate", "champion", "outcome"),
    [
        ("2%", 0.0, 0.0, "pass"),
        ("0%", 0.0, 0.0, "pass"),
        ("-1%", 0.0, 0.0, "fail"),
        ("-1%", 0.0, 2.0, "pass"),
        ("50%", 0.1, 0.0, "fail"),
    ],
)
def test_a_perfect_model_leaves_no_ratio_but_an_answer(margin, candidate, champion, outcome):
    seen = evidence(mae_compared=Comparison(candidate=candidate, champion=champion, rows=500))
    assert verdict(f"{{metric: mae, compared_to: champion, margin: {margin}}}", seen).outcome == outcome


@pytest.mark.parametrize(
    ("candidate", "champion", "outcome", "words"),
    [
        (0.9, 0.8, "pass", "(12.5% better; at worst 10.7% better"),
        (0.8, 0.9, "fail", "(11.1% worse; at worst 12.6% worse"),
        (0.89, 0.9, "inconclusive", "(1.11% worse; at worst 2.72% worse"),
    ],
)
def test_where_larger_is_better_less_is_worse(candidate, champion, outcome, words):
    seen = evidence(accuracy_compared=compared(candidate, champion))
    said = verdict("{metric: accuracy, compared_to: champion, margin: 2%}", seen)
    assert said.outcome == outcome
    assert words in said.sentence


def test_a_perfect_accuracy_of_nought_proves_nothing():
    seen = evidence(accuracy_compared=Comparison(candidate=0.0, champion=0.0, rows=500))
    assert verdict("{metric: accuracy, compared_to: champion, margin: 2%}", seen).outcome is Outcome.ERROR


def test_a_verdict_carries_figures_severity_and_what_follows():
    said = verdict(
        "{name: x, metric: mae, compared_to: champion, margin: 2%, severity: warn, on_inconclusive: reject}",
        mae(2.1, 2.0),
    )
    assert (said.gate, said.severity, said.on_inconclusive) == ("x", "warn", "reject")
    assert (said.value, said.bound, said.rows) == (2.1, pytest.approx(2.04), 10_377)
