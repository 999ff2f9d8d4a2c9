import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from policies.students import above, quantile

DEGREES = [2.0, 3.5, 10, 200, math.inf]


@pytest.mark.parametrize("dof", DEGREES)
def test_the_quantile_is_students_and_at_95_percent_no_smaller(dof):
    exact = stats.t.ppf(0.95, dof)
    assert exact * (1 - 1e-4) <= quantile(0.95, dof) <= exact * 1.02


@pytest.mark.parametrize("dof", DEGREES)
@pytest.mark.parametrize("t", [-3.0, 0.0, 1.7, math.inf, -math.inf])
def test_the_tail_is_students(t, dof):
    assert above(t, dof) == pytest.approx(stats.t.sf(t, dof), abs=4e-3)


@given(st.floats(0.51, 0.999), st.floats(2, 1e6))
def test_each_undoes_the_other(confidence, dof):
    assert above(quantile(confidence, dof), dof) == pytest.approx(1 - confidence, abs=1e-6)
