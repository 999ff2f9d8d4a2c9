import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import norm

from policies.evidence.comparison import Spread
from policies.metrics import Better
from policies.noninferiority import Bound, round_up

BOUNDS = st.builds(
    Bound,
    log_ratio=st.floats(-1, 1),
    se=st.floats(0, 1),
    better=st.sampled_from(Better),
    margin=st.floats(-0.5, 0.5),
    confidence=st.floats(0.51, 0.999),
)


def test_the_rule_is_the_one_written_down():
    bound = Bound(math.log(2.1 / 2.4), 0.01, better=Better.SMALLER, margin=0.02, confidence=0.95)
    upper = math.log(2.1 / 2.4) + norm.ppf(0.95) * 0.01
    assert bound.at_worst == pytest.approx(math.exp(upper) - 1)
    assert bound.passes == (upper <= math.log(1.02))


def test_an_accuracy_may_fall_by_the_margin_and_no_further():
    allowed = Bound(math.log(0.9801), 0, better=Better.LARGER, margin=0.02, confidence=0.95)
    below = Bound(math.log(0.9799), 0, better=Better.LARGER, margin=0.02, confidence=0.95)
    assert (allowed.passes, below.fails) == (True, True)


@st.composite
def fiellers(draw):
    """Bounds with a spread, of which the log ratio's standard error is a possible one."""
    power = draw(st.sampled_from([0.5, 1.0]))
    candidate, champion = draw(st.floats(0.001, 1)), draw(st.floats(0.001, 1))
    alike = draw(st.floats(-1, 1))
    variance = candidate**2 + champion**2 - 2 * alike * candidate * champion
    spread = Spread(candidate_se=candidate, champion_se=champion, dof=draw(st.floats(2, 1e6)), power=power)
    return Bound(
        log_ratio=draw(st.floats(-1, 1)),
        se=power * math.sqrt(max(0.0, variance)),
        better=draw(st.sampled_from(Better)),
        margin=draw(st.floats(-0.5, 0.5)),
        confidence=draw(st.floats(0.51, 0.999)),
        spread=spread,
    )


ANY = BOUNDS | fiellers()


@given(ANY)
def test_nothing_passes_and_fails(bound):
    assert not (bound.passes and bound.fails)


@given(fiellers())
def test_what_passes_is_as_many_standard_errors_away_as_demanded(bound):
    assume(abs(abs(bound.statistic) - bound.t) > 1e-6)
    if bound.passes:
        assert bound.statistic < -bound.t
    if bound.fails:
        assert bound.statistic > bound.t


@given(fiellers())
def test_holms_input_is_small_where_the_bound_fails(bound):
    assume(abs(abs(bound.statistic) - bound.t) > 1e-6)
    assert 0 <= bound.p_worse <= 1
    if bound.fails:
        assert bound.p_worse <= (1 - bound.confidence) * 1.0001


def test_the_interval_is_fiellers():
    """Where candidate - ratio * champion is just as far from nought as the t quantile says."""
    ours, theirs = np.random.default_rng(1).gamma(2, size=(2, 400))
    means = ours.mean(), theirs.mean()
    errors = [stats.sem(ours / means[0]), stats.sem(theirs / means[1])]
    bound = Bound(
        math.log(means[0] / means[1]),
        stats.sem(ours / means[0] - theirs / means[1]),
        better=Better.SMALLER,
        margin=0.0,
        confidence=0.95,
        spread=Spread(candidate_se=errors[0], champion_se=errors[1], dof=399),
    )
    at_the_end = stats.ttest_1samp(ours - (1 + bound.at_worst) * theirs, 0)
    assert at_the_end.statistic == pytest.approx(-stats.t.ppf(0.95, 399), rel=1e-5)
    here = stats.ttest_1samp(ours - theirs, 0, alternative="greater")
    assert bound.p_worse == pytest.approx(here.pvalue, rel=1e-3)


def test_a_champion_whose_own_figure_is_not_known_from_nought_leaves_it_open():
    bound = Bound(
        -0.5, 0.01, better=Better.SMALLER, margin=0.0, confidence=0.95,
        spread=Spread(candidate_se=0.7, champion_se=0.7, dof=50),
    )  # fmt: skip
    assert (bound.passes, bound.fails, bound.at_worst) == (False, False, math.inf)
    assert 100 < bound.rows_to_settle(100) < 200


@given(ANY, st.floats(0, 1))
def test_a_worse_ratio_never_helps(bound, by):
    step = by if bound.better is Better.SMALLER else -by
    worse = replace(bound, log_ratio=bound.log_ratio + step)
    assert bound.passes >= worse.passes
    assert bound.fails <= worse.fails


@given(BOUNDS, st.floats(1, 10))
def test_less_certainty_decides_nothing_new(bound, times):
    vaguer = replace(bound, se=bound.se * times)
    assert bound.passes >= vaguer.passes
    assert bound.fails >= vaguer.fails


@given(ANY, st.integers(2, 100_000))
def test_the_advised_rows_settle_it(bound, rows):
    assume(not bound.passes and not bound.fails)
    needed = bound.rows_to_settle(rows)
    assume(needed is not None)
    shrink = math.sqrt(rows / needed) * (1 - 1e-9)
    spread = bound.spread and bound.spread.model_copy(
        update={
            "candidate_se": bound.spread.candidate_se * shrink,
            "champion_se": bound.spread.champion_se * shrink,
        }
    )
    later = replace(bound, se=bound.se * shrink, spread=spread)
    assert needed >= rows
    assert later.passes or later.fails


@pytest.mark.parametrize(("rows", "rounded"), [(7.2, 8), (99.5, 100), (1234, 1300), (120_001, 130_000)])
def test_advice_is_rounded_up_to_two_figures(rows, rounded):
    assert round_up(rows) == rounded


@given(fiellers(), st.floats(0.01, 100))
def test_the_interval_says_what_the_verdict_says(bound, rival):
    """A reader who sees the bar of the interval beside the bound's mark sees the verdict."""
    low, high = (rival * math.exp(end) if end > -math.inf else 0.0 for end in bound.interval)
    mark = rival * math.exp(bound.sign * bound.allowed)
    worse, better = (high, low) if bound.better is Better.SMALLER else (low, high)
    assume(all(abs(math.log(end / mark)) > 1e-9 for end in (low, high) if 0 < end < math.inf))
    assert bound.passes == (worse <= mark if bound.better is Better.SMALLER else worse >= mark)
    assert bound.fails == (better > mark if bound.better is Better.SMALLER else better < mark)
