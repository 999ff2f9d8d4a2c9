import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.holm import holm

P_VALUES = st.lists(st.floats(0, 1), max_size=12)


@pytest.mark.parametrize(
    ("p_values", "adjusted"),
    [
        pytest.param([], [], id="no slice"),
        pytest.param([0.03], [0.03], id="one slice is left as it is"),
        pytest.param([0.01, 0.04, 0.03], [0.03, 0.06, 0.06], id="never below a smaller one"),
        pytest.param([0.9, 0.6], [1.0, 1.0], id="never above one"),
    ],
)
def test_p_values_are_adjusted_from_the_smallest_on(p_values, adjusted):
    assert holm(p_values) == pytest.approx(adjusted)


@given(P_VALUES)
def test_a_slice_is_called_worse_exactly_when_holms_own_steps_say_so(p_values):
    rejected = set()
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        if (len(p_values) - rank) * p_values[index] > 0.05:
            break
        rejected.add(index)
    assert {i for i, p in enumerate(holm(p_values)) if p <= 0.05} == rejected


@given(P_VALUES, st.randoms())
def test_the_order_of_the_slices_changes_nothing(p_values, random):
    order = random.sample(range(len(p_values)), len(p_values))
    assert [holm(p_values)[i] for i in order] == holm([p_values[i] for i in order])


@pytest.mark.parametrize("p", [math.nan, -0.1, 1.1])
def test_what_is_no_probability_is_refused(p):
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm([0.5, p])


def test_among_ten_equal_slices_one_is_called_worse_in_at_most_five_per_cent():
    p_values = np.random.default_rng(1).random((2000, 10))
    assert np.mean([min(holm(list(row))) <= 0.05 for row in p_values]) <= 0.055
