import numpy as np
import pytest
from scipy import stats

from validation.comparison import compare
from validation.mcnemar import mid_p
from validation.metrics import METRICS
from validation.resampling import resampled


def models(rows, seed):
    draw = np.random.default_rng(seed)
    target = (draw.random(rows) < 0.4).astype(float)
    logit = 2 * (target - 0.5) + draw.normal(size=rows) + draw.normal(size=(2, rows)) * [[0.7], [0.4]]
    candidate, champion = 1 / (1 + np.exp(-logit))
    return target, candidate, champion


@pytest.mark.parametrize("name", [name for name in METRICS if name not in {"max_error", "mape"}])
def test_the_closed_form_and_the_bootstrap_say_nearly_the_same(name):
    target, candidate, champion = models(1500, seed=4)
    found = compare(METRICS[name], target, candidate, champion)
    beside = resampled(METRICS[name], target, (candidate, champion), None)
    assert beside.low == pytest.approx(found.log_ratio - 1.645 * found.se, abs=0.2 * found.se)
    assert beside.high == pytest.approx(found.log_ratio + 1.645 * found.se, abs=0.2 * found.se)


def test_the_bootstrap_agrees_with_scipys():
    target, candidate, champion = models(300, seed=5)
    losses = np.square(candidate - target), np.square(champion - target)
    known = stats.bootstrap(
        losses,
        lambda ours, theirs, axis: 0.5 * np.log(ours.mean(axis) / theirs.mean(axis)),
        paired=True,
        confidence_level=0.9,
        method="percentile",
        rng=np.random.default_rng(1),
    )
    beside = resampled(METRICS["rmse"], target, (candidate, champion), None)
    assert (beside.low, beside.high) == pytest.approx(known.confidence_interval, abs=0.005)


def test_whole_days_are_drawn_where_the_rows_have_days():
    target, candidate, champion = models(400, seed=6)
    tenfold = [np.repeat(one, 10) for one in (target, candidate, champion)]
    days = np.repeat(np.arange(400), 10)
    once = resampled(METRICS["brier"], target, (candidate, champion), None)
    of_days = resampled(METRICS["brier"], tenfold[0], tuple(tenfold[1:]), days)
    assert (of_days.low, of_days.high) == pytest.approx((once.low, once.high))


def test_the_same_rows_say_the_same_whenever_asked():
    target, *both = models(100, seed=7)
    assert resampled(METRICS["auc"], target, both, None) == resampled(METRICS["auc"], target, both, None)


def test_a_resample_that_has_no_ratio_leaves_it_unsaid():
    target = np.array([1.0, 0.0, 0.0, 0.0])
    assert resampled(METRICS["recall"], target, (target, target), None) is None


def delong(target, candidate, champion):
    """The variance of the difference of two areas, by DeLong's placements counted pair by pair."""
    ones = target == 1
    parts = []
    for scores in (candidate, champion):
        above, below = scores[ones][:, None], scores[~ones][None, :]
        wins = (above > below) + 0.5 * (above == below)
        parts.append((wins.mean(1), wins.mean(0)))
    first, second = (np.cov(*(part[side] for part in parts)) for side in (0, 1))
    whole = first / ones.sum() + second / (~ones).sum()
    return whole[0, 0] + whole[1, 1] - 2 * whole[0, 1]


def test_the_standard_error_of_an_area_is_delongs():
    target, candidate, _ = models(900, seed=8)
    turned = candidate.copy()
    turned[::2] = candidate[1::2]
    value = METRICS["auc"].value
    ours, theirs = candidate, np.where(target == 1, turned, candidate)
    found = compare(METRICS["auc"], target, ours, theirs)
    # the difference of the areas, from the variances of their logs
    a, b, c = found.spread.variances(found.se)
    areas = value(target, ours), value(target, theirs)
    variance = a * areas[0] ** 2 + b * areas[1] ** 2 - 2 * c * areas[0] * areas[1]
    assert variance == pytest.approx(delong(target, ours, theirs), rel=0.01)


@pytest.mark.parametrize(("one", "other"), [(0, 0), (0, 5), (7, 7), (40, 21), (3, 1000), (9000, 8800)])
def test_mcnemars_mid_p_is_the_binomials(one, other):
    rows, least = one + other, min(one, other)
    known = 2 * stats.binom.cdf(least, rows, 0.5) - stats.binom.pmf(least, rows, 0.5)
    assert mid_p(one, other) == pytest.approx(min(1.0, known) if rows else 1.0)


def test_rows_that_one_model_alone_got_right_are_counted():
    target = np.array([0.0, 1.0, 1.0, 0.0, 1.0])
    candidate = np.array([0.0, 1.0, 1.0, 1.0, 0.2])
    champion = np.array([0.0, 0.0, 0.0, 0.0, 0.0])
    found = compare(METRICS["accuracy"], target, candidate, champion).discordant
    assert (found.candidate, found.champion, found.p) == (2, 1, mid_p(2, 1))


def test_two_models_that_agree_on_a_few_rows_may_differ_on_the_next():
    target, candidate, _ = models(50, seed=9)
    found = compare(METRICS["accuracy"], target, candidate, candidate)
    assert (found.log_ratio, found.se) == (0.0, pytest.approx(0.02, rel=0.3))


def heavy(rows, seed):
    """Two models whose errors have a heavy tail and are much alike."""
    draw = np.random.default_rng(seed)
    shared, own = draw.normal(size=rows), draw.normal(size=(2, rows))
    errors = np.exp(0.8 * shared) * (1 + 0.2 * own)
    return np.zeros(rows), errors[0], errors[1]


@pytest.mark.parametrize("rows", [20_000, 100_000])
def test_of_many_rows_groups_made_by_chance_say_what_the_rows_say(rows):
    target, *both = heavy(rows, seed=10)
    beside = resampled(METRICS["rmse"], target, both, None)
    draw = np.random.default_rng(2)
    losses = np.square(both)
    ratios = []
    for _ in range(1000):
        weights = np.bincount(draw.integers(rows, size=rows), minlength=rows)
        ours, theirs = losses @ weights
        ratios.append(0.5 * np.log(ours / theirs))
    low, high = np.quantile(ratios, (0.05, 0.95))
    assert (beside.low, beside.high) == pytest.approx((low, high), abs=0.06 * (high - low))


def test_of_many_days_groups_of_whole_days_are_drawn():
    target, *both = heavy(30_000, seed=11)
    days = np.arange(30_000) // 3
    tripled = [np.repeat(one[::3], 3) for one in (target, *both)]
    found = compare(METRICS["mae"], *tripled, days=days)
    beside = resampled(METRICS["mae"], tripled[0], tuple(tripled[1:]), days)
    assert beside.high - beside.low == pytest.approx(2 * 1.645 * found.se, rel=0.1)


def test_an_area_of_too_many_rows_is_not_resampled():
    target, candidate, champion = models(100_001, seed=12)
    assert resampled(METRICS["auc"], target, (candidate, champion), None) is None
