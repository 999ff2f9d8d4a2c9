"""What is kept of scores: nothing lost in counting, bounded, and right against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import confusion_matrix, roc_auc_score

from policies.evidence.drift import DriftNeed
from policies.evidence.measurement import MetricNeed
from tests.validation.reports import made
from tests.validation.scored import holdout_of, trips
from validation.answers import Failed
from validation.reports.bins import apart, bars, grid, view
from validation.reports.classes import MOST_LABELS, labels_of, of_classes
from validation.reports.plots import of_figures
from validation.reports.plots.of_classes import area, calibration
from validation.reports.sketch import OfClasses, OfFigures, Seen, Sketch
from validation.reports.sketching import sketch

FINITE = st.floats(allow_nan=False, allow_infinity=False)
PAIRS = st.integers(1, 60).flatmap(
    lambda rows: st.tuples(arrays(float, rows, elements=FINITE), arrays(float, rows, elements=FINITE))
)


@given(PAIRS)
def test_every_row_is_counted_once_however_wild_the_figures(pair):
    actual, predicted = pair
    low, high = view(actual, predicted)
    assert low < high
    seen = grid(actual, predicted, low, high)
    assert sum(map(sum, seen.counts)) + seen.outside == len(actual)
    line = bars(actual, predicted, *view(apart(actual, predicted)))
    assert sum(line.counts) + line.below + line.above == len(actual)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=80), st.randoms(use_true_random=False))
def test_labels_are_counted_as_by_scikit_learn(target, draw):
    target = np.array(target, dtype=float)
    predicted = np.array([draw.choice([*range(42)]) for _ in target], dtype=float)
    labels = labels_of(target)
    seen = of_classes(target, predicted, labels)
    assert len(seen.labels) <= MOST_LABELS
    assert sum(map(sum, seen.counts)) + seen.elsewhere == len(target)
    whole = np.isin(target, labels).all() and np.isin(predicted, labels).all()
    if whole and len(labels) > 1 and not set(labels) <= {0, 1}:
        assert seen.counts == tuple(map(tuple, confusion_matrix(target, predicted, labels=labels)))


def test_the_area_under_the_kept_curve_is_nearly_the_whole_ones():
    frame = made.frame_of(4_000)
    target = made.tips(frame)
    given_ = 1 / (1 + np.exp(-(frame["km"].to_numpy() - 5) / 3))
    seen = of_classes(target, given_, labels_of(target))
    assert area(seen.given) == pytest.approx(roc_auc_score(target, given_), abs=0.005)


def test_probabilities_that_come_true_lie_on_the_line():
    draw = np.random.default_rng(1)
    given_ = draw.uniform(0, 1, 200_000)
    target = (draw.uniform(0, 1, len(given_)) < given_).astype(float)
    told, true = calibration(of_classes(target, given_, labels_of(target)).given)
    assert np.abs(told - true).max() < 0.02


def test_of_several_classes_the_probability_of_the_label_given_is_held_against_how_often_it_was_right():
    draw = np.random.default_rng(2)
    target = draw.integers(0, 3, 60_000).astype(float)
    sure = draw.uniform(0.4, 1, len(target))
    told = np.where(draw.uniform(size=len(target)) < sure, target, (target + 1) % 3).astype(int)
    predictions = np.repeat((1 - sure)[:, None] / 2, 3, axis=1)
    predictions[np.arange(len(target)), told] = sure
    seen = of_classes(target, predictions, labels_of(target))
    assert seen.given is None
    given_, true = calibration(seen.surest)
    assert np.abs(given_ - true).max() < 0.03
    scores = of_classes(target, 9 * predictions, labels_of(target))
    assert scores.surest is None, "figures beyond 1 are no probabilities"
    assert scores.counts == seen.counts


def test_labels_are_no_probabilities():
    target = np.array([0.0, 1.0, 1.0])
    assert of_classes(target, target, labels_of(target)).given is None


def kept(target, model, needs, champion=None):
    frame = trips(len(target))
    holdout = holdout_of(frame, target)
    return sketch(needs, made.scores_of(needs, holdout, model, champion))


RMSE = MetricNeed(metric="rmse", dataset="holdout")
ACCURACY = MetricNeed(metric="accuracy", dataset="holdout")


def test_the_metrics_that_are_asked_for_say_what_the_target_is():
    counts = np.arange(300.0) % 7
    assert isinstance(kept(counts, lambda rows: rows["km"] * 0, [RMSE]).seen["holdout"].candidate, OfFigures)
    asked = kept(counts, lambda rows: rows["km"] * 0, [ACCURACY]).seen["holdout"]
    assert isinstance(asked.candidate, OfClasses)
    assert asked.champion is None


def test_a_model_that_did_not_answer_leaves_no_picture_and_costs_no_other():
    seen = kept(np.ones(50) * 7, Failed("did not load"), [RMSE], lambda rows: rows["km"]).seen["holdout"]
    assert seen.candidate is None
    assert isinstance(seen.champion, OfFigures)
    wild = kept(np.ones(50) * 7, lambda rows: rows["km"] * np.nan, [RMSE])
    assert wild.seen["holdout"].candidate is None


@pytest.mark.parametrize("far", [1e308, -1e308, 5e-324, 0.0])
def test_finite_answers_however_far_off_can_be_shown(far):
    target = np.where(np.arange(50) % 2, -far, 7.0)
    seen = kept(target, lambda rows: np.full(len(rows), far), [RMSE]).seen["holdout"].candidate
    assert sum(seen.errors.counts) + seen.errors.below + seen.errors.above == 50
    for plot in of_figures.plots("holdout", Seen(rows=50, target="t", candidate=seen), "k"):
        assert plot.svg()


def test_without_a_profile_nothing_is_said_of_drift():
    assert kept(np.ones(50) * 7, lambda rows: rows["km"], [DriftNeed(dataset="holdout")]).moved == ()


def test_what_is_kept_is_small_whatever_the_number_of_rows():
    small, large = (len(made.of_fares(rows).sketch.model_dump_json()) for rows in (500, 50_000))
    assert large < 25_000
    assert large < 3 * small


def test_the_kept_columns_are_counted_whole():
    report = made.of_fares()
    assert {each.column for each in report.sketch.moved} == {"km", "hour", "the prediction"}
    for each in report.sketch.moved:
        assert len(each.bins) == len(each.here) == len(each.training)
        assert (sum(each.here), sum(each.training)) == (3_000, 4_000)


def test_an_older_sketch_is_read_again():
    kept = made.of_hostile().sketch
    assert Sketch.model_validate_json(kept.model_dump_json()) == kept
