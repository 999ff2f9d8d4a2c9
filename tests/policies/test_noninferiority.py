import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import norm

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


@given(BOUNDS)
def test_nothing_passes_and_fails(bound):
    assert not (bound.passes and bound.fails)


@given(BOUNDS, st.floats(0, 1))
def test_a_worse_ratio_never_helps(bound, by):
    step = by if bound.better is Better.SMALLER else -by
    worse = Bound(
        bound.log_ratio + step,
        bound.se,
        better=bound.better,
        margin=bound.margin,
        confidence=bound.confidence,
    )
    assert bound.passes >= worse.passes
    assert bound.fails <= worse.fails


@given(BOUNDS, st.floats(1, 10))
def test_less_certainty_decides_nothing_new(bound, times):
    vaguer = Bound(
        bound.log_ratio,
        bound.se * times,
        better=bound.better,
        margin=bound.margin,
        confidence=bound.confidence,
    )
    assert bound.passes >= vaguer.passes
    assert bound.fails >= vaguer.fails


@given(BOUNDS, st.integers(2, 100_000))
def test_the_advised_rows_settle_it(bound, rows):
    assume(not bound.passes and not bound.fails)
    needed = bound.rows_to_settle(rows)
    assume(needed is not None)
    later = Bound(
        bound.log_ratio,
        bound.se * math.sqrt(rows / needed) * (1 - 1e-9),
        better=bound.better,
        margin=bound.margin,
        confidence=bound.confidence,
    )
    assert needed >= rows
    assert later.passes or later.fails


@pytest.mark.parametrize(("rows", "rounded"), [(7.2, 8), (99.5, 100), (1234, 1300), (120_001, 130_000)])
def test_advice_is_rounded_up_to_two_figures(rows, rounded):
    assert round_up(rows) == rounded
