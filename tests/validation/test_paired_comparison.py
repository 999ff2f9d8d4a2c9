import numpy as np
import pytest
from scipy import stats

from validation.comparison import compare
from validation.metrics import METRICS


def trips(rows, seed, *, worse=1.0):
    """Two models with errors in common; the candidate's own part is `worse` times as large."""
    draw = np.random.default_rng(seed)
    target = draw.uniform(5, 50, rows)
    common = draw.normal(0, 1, rows)
    candidate = target + worse * (common + draw.normal(0, 0.5, rows))
    champion = target + common + draw.normal(0, 0.5, rows)
    return target, candidate, champion


@pytest.mark.parametrize("name", ["rmse", "mae", "mse", "mape"])
def test_standard_error_agrees_with_the_paired_bootstrap(name):
    metric = METRICS[name]
    rows = trips(400, seed=1, worse=1.1)
    comparison = compare(metric, *rows)
    resampled = stats.bootstrap(
        rows,
        lambda target, candidate, champion: np.log(
            metric.value(target, candidate) / metric.value(target, champion)
        ),
        paired=True,
        vectorized=False,
        n_resamples=800,
        rng=np.random.default_rng(2),
        method="percentile",
    )
    assert comparison.se == pytest.approx(resampled.standard_error, rel=0.12)


def test_standard_error_of_mae_is_the_t_tests_for_equal_models():
    """With k = 1 and equal means, g is the difference of losses over their mean."""
    target, candidate, champion = trips(300, seed=5)
    losses = np.abs(candidate - target), np.abs(champion - target)
    candidate = target + losses[0] * losses[1].mean() / losses[0].mean()
    paired = stats.ttest_rel(np.abs(candidate - target), losses[1])
    comparison = compare(METRICS["mae"], target, candidate, champion)
    spread = (paired.confidence_interval(0.95).high - paired.confidence_interval(0.95).low) / 2
    assert comparison.se == pytest.approx(spread / stats.t.ppf(0.975, 299) / losses[1].mean())
    assert comparison.log_ratio == pytest.approx(0, abs=1e-12)


def test_the_95_percent_interval_covers_the_truth_about_95_times_in_100():
    covered = 0
    for seed in range(400):
        comparison = compare(METRICS["rmse"], *trips(200, seed, worse=1.2))
        covered += abs(comparison.log_ratio - np.log(1.2)) < 1.96 * comparison.se
    assert 0.92 < covered / 400 < 0.98


def test_a_model_against_itself_is_equal_without_doubt():
    target, candidate, _ = trips(50, seed=3)
    comparison = compare(METRICS["rmse"], target, candidate, candidate)
    assert (comparison.log_ratio, comparison.se) == (0.0, 0.0)
    assert comparison.candidate == comparison.champion
    assert comparison.rows == 50


@pytest.mark.parametrize("name", ["max_error", "accuracy", "balanced_accuracy"])
def test_metrics_of_one_row_or_at_nought_are_compared_without_a_bound(name):
    comparison = compare(METRICS[name], *trips(50, seed=3))
    assert (comparison.log_ratio, comparison.se) == (None, None)


def test_a_perfect_champion_leaves_the_ratio_undefined():
    target, candidate, _ = trips(50, seed=3)
    comparison = compare(METRICS["mae"], target, candidate, target)
    assert (comparison.champion, comparison.log_ratio, comparison.se) == (0.0, None, None)


def test_one_row_says_nothing_of_the_spread():
    one = np.array([1.0])
    assert compare(METRICS["mae"], one, one + 2, one + 1).se is None
