import numpy as np
import pytest
import sklearn.metrics as peer
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from policies.metrics import METRICS as NAMED
from validation.metrics import METRICS, MetricUndefined

TARGET = np.array([2.0, 5.0, 9.0, 12.0])
PREDICTIONS = np.array([2.5, 5.0, 7.0, 15.0])

FIGURES = arrays(np.float64, 6, elements=st.floats(-1e6, 1e6))


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("rmse", peer.root_mean_squared_error),
        ("mse", peer.mean_squared_error),
        ("mae", peer.mean_absolute_error),
        ("mape", peer.mean_absolute_percentage_error),
        ("r2", peer.r2_score),
        ("max_error", peer.max_error),
    ],
)
def test_metrics_agree_with_scikit_learn(name, known):
    assert METRICS[name].value(TARGET, PREDICTIONS) == pytest.approx(known(TARGET, PREDICTIONS))


def test_accuracy_counts_equal_labels():
    assert METRICS["accuracy"].value(np.array([0.0, 1.0, 2.0, 2.0]), np.array([0.0, 1.0, 1.0, 2.0])) == 0.75


@pytest.mark.parametrize("name", [name for name, metric in METRICS.items() if metric.losses])
@given(predictions=FIGURES)
def test_a_metric_is_the_mean_of_its_losses_to_its_power(name, predictions):
    metric = METRICS[name]
    target = np.arange(1.0, 7.0)
    mean = metric.losses(target, predictions).mean()
    assert metric.value(target, predictions) == pytest.approx(mean**metric.power)


@pytest.mark.parametrize(
    ("name", "target", "sentence"),
    [("mape", [0.0, 1.0, 0.0], "0 in 2 of 3 rows"), ("r2", [3.0, 3.0, 3.0], "all targets are equal")],
)
def test_what_the_data_has_no_value_of_is_said(name, target, sentence):
    with pytest.raises(MetricUndefined, match=sentence):
        METRICS[name].value(np.array(target), np.ones(3))


def test_what_is_measured_here_may_be_named_in_a_policy():
    assert set(METRICS) <= set(NAMED)
