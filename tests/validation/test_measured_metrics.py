import functools

import numpy as np
import pytest
import sklearn.metrics as peer

from policies.metrics import METRICS as NAMED
from validation.metric import MetricUndefined
from validation.metrics import METRICS

TARGET = np.array([2.0, 5.0, 9.0, 12.0])
PREDICTIONS = np.array([2.5, 5.0, 7.0, 15.0])

REGRESSION = {"rmse", "mse", "mae", "mape", "r2"}


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


BINARY = np.array([0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0])
CHANCES = np.array([0.1, 0.8, 0.4, 0.6, 0.9, 0.4, 0.0, 0.5])
SPECIES = np.array([1.0, 2.0, 3.0, 3.0, 2.0, 1.0, 3.0, 3.0])
CALLED = np.array([1.0, 2.0, 3.0, 1.0, 1.0, 1.0, 3.0, 4.0])


def rounded(known):
    """A metric of labels, told of probabilities."""
    return lambda target, chances: known(target, chances >= 0.5)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("accuracy", rounded(peer.accuracy_score)),
        ("balanced_accuracy", rounded(peer.balanced_accuracy_score)),
        ("precision", rounded(peer.precision_score)),
        ("recall", rounded(peer.recall_score)),
        ("f1", rounded(peer.f1_score)),
        ("macro_f1", rounded(functools.partial(peer.f1_score, average="macro"))),
        ("macro_precision", rounded(functools.partial(peer.precision_score, average="macro"))),
        ("macro_recall", rounded(functools.partial(peer.recall_score, average="macro"))),
        ("weighted_f1", rounded(functools.partial(peer.f1_score, average="weighted"))),
        ("weighted_precision", rounded(functools.partial(peer.precision_score, average="weighted"))),
        ("weighted_recall", rounded(functools.partial(peer.recall_score, average="weighted"))),
        ("average_precision", peer.average_precision_score),
        ("auc", peer.roc_auc_score),
        ("log_loss", peer.log_loss),
        ("brier", peer.brier_score_loss),
    ],
)
@pytest.mark.parametrize(
    "chances",
    [CHANCES, 1 - CHANCES, np.zeros(8), BINARY],
    ids=["fair", "turned about", "never", "labels"],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
def test_metrics_of_two_classes_agree_with_scikit_learn(name, known, chances):
    assert METRICS[name].value(BINARY, chances) == pytest.approx(known(BINARY, chances), abs=1e-12)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("accuracy", peer.accuracy_score),
        ("balanced_accuracy", peer.balanced_accuracy_score),
        ("macro_f1", functools.partial(peer.f1_score, average="macro")),
        ("macro_precision", functools.partial(peer.precision_score, average="macro", zero_division=0)),
        ("macro_recall", functools.partial(peer.recall_score, average="macro", zero_division=0)),
        ("weighted_f1", functools.partial(peer.f1_score, average="weighted")),
        ("weighted_precision", functools.partial(peer.precision_score, average="weighted")),
        ("weighted_recall", functools.partial(peer.recall_score, average="weighted", zero_division=0)),
    ],
)
@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
def test_metrics_of_many_classes_agree_with_scikit_learn(name, known):
    assert METRICS[name].value(SPECIES, CALLED) == pytest.approx(known(SPECIES, CALLED))


@pytest.mark.parametrize(
    ("name", "target", "predictions", "sentence"),
    [
        ("f1", SPECIES, CALLED, "f1 is of targets 0 and 1, and one is 2"),
        ("brier", BINARY, CHANCES * 2, "of probabilities, and a model predicted 1.6"),
        ("recall", np.zeros(8), CHANCES, "rows whose target is 1, and there are none"),
        ("auc", np.ones(8), CHANCES, "auc needs rows of both classes"),
        ("macro_f1", np.arange(1001.0), np.arange(1001.0), "more than 1,000 classes"),
    ],
)
def test_what_is_no_class_or_probability_is_said(name, target, predictions, sentence):
    with pytest.raises(MetricUndefined, match=sentence):
        METRICS[name].value(target, predictions)


@pytest.mark.parametrize("name", [name for name in METRICS if name not in {"max_error", "average_precision"}])
def test_influences_are_how_far_a_row_moves_the_metrics_log(name):
    """Against a resample in which one row counts a little more."""
    metric = METRICS[name]
    target, predictions = (TARGET, PREDICTIONS) if name in REGRESSION else (BINARY, CHANCES)
    rows = len(target)
    step = 1e-6 * rows * np.eye(rows)
    moved = metric.weighed(target, predictions, np.arange(rows))(np.ones((rows, rows)) + step)
    known = np.log(moved / metric.value(target, predictions)) / metric.power / 1e-6
    assert metric.influence(target, predictions) == pytest.approx(known, abs=1e-4)


@pytest.mark.parametrize("name", [name for name in METRICS if name not in {"max_error", "r2"}])
def test_whole_groups_weigh_as_their_rows_do(name):
    metric = METRICS[name]
    target, predictions = (TARGET, PREDICTIONS) if name in REGRESSION else (BINARY, CHANCES)
    groups = np.arange(len(target)) // 2
    twice = np.repeat(np.arange(len(target)), 1 + groups)
    weights = 1.0 + np.arange(groups.max() + 1)[None, :]
    value = metric.weighed(target, predictions, groups)(weights)
    assert value[0] == pytest.approx(metric.value(target[twice], predictions[twice]))


@pytest.mark.parametrize(
    ("name", "target", "sentence"),
    [("mape", [0.0, 1.0, 0.0], "which is 0 in some rows"), ("r2", [3.0, 3.0, 3.0], "all targets are equal")],
)
def test_what_the_data_has_no_value_of_is_said(name, target, sentence):
    with pytest.raises(MetricUndefined, match=sentence):
        METRICS[name].value(np.array(target), np.ones(3))


def test_what_is_measured_here_may_be_named_in_a_policy():
    assert set(METRICS) <= set(NAMED)
