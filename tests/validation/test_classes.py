"""Targets that are classes, in words or numbers, and all the ways in which models answer by them."""

import warnings

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics as peer
from hypothesis import given, settings
from hypothesis import strategies as some

from policies.evidence.comparison import ComparisonNeed
from policies.evidence.measurement import MetricNeed
from registry.words import Column, Signature
from validation.asking import ModelFiles
from validation.comparison import compare
from validation.holdout import HoldoutInvalid, read_holdout
from validation.measure import measure
from validation.metric import MetricUndefined
from validation.metrics import METRICS, MetricUnknown, metric_of
from validation.plain_answers import Unclear, Unfit, plain_answers
from validation.targets import Classes, TargetInvalid, read_target

THREE = Classes(("cab", "bus", "van"), declared=True)
DRAW = np.random.default_rng(11)
TARGET = DRAW.integers(0, 3, 400).astype(float)
CHANCES = DRAW.dirichlet([1, 1, 1], 400)
CALLED = CHANCES.argmax(axis=1)
YES_NO = (True, False)
ONE_HOT = np.eye(3)[TARGET.astype(int)]


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("accuracy", peer.accuracy_score(TARGET, CALLED)),
        ("balanced_accuracy", peer.balanced_accuracy_score(TARGET, CALLED)),
        ("weighted_f1", peer.f1_score(TARGET, CALLED, average="weighted")),
        ("log_loss", peer.log_loss(TARGET, CHANCES)),
        ("brier", peer.brier_score_loss(TARGET, CHANCES)),
        ("auc", peer.roc_auc_score(TARGET, CHANCES, multi_class="ovr")),
        ("average_precision", peer.average_precision_score(ONE_HOT, CHANCES, average="macro")),
        ("recall of bus", peer.recall_score(TARGET, CALLED, average=None)[1]),
        ("precision of van", peer.precision_score(TARGET, CALLED, average=None)[2]),
        ("f1 of cab", peer.f1_score(TARGET, CALLED, average=None)[0]),
        ("auc of van", peer.roc_auc_score(TARGET == 2, CHANCES[:, 2])),
        ("average_precision of bus", peer.average_precision_score(TARGET == 1, CHANCES[:, 1])),
        ("sklearn.matthews_corrcoef", peer.matthews_corrcoef(TARGET, CALLED)),
        ("sklearn.log_loss", peer.log_loss(TARGET, CHANCES)),
        ("sklearn.roc_auc_ovo", peer.roc_auc_score(TARGET, CHANCES, multi_class="ovo")),
    ],
)
def test_metrics_of_probabilities_agree_with_scikit_learn(name, known):
    assert metric_of(name, THREE).value(TARGET, CHANCES) == pytest.approx(known)


@pytest.mark.parametrize(
    "name", ["log_loss", "brier", "auc", "accuracy", "precision", "f1", "average_precision"]
)
def test_two_columns_say_what_the_second_alone_says(name):
    two = (TARGET > 0).astype(float)
    of_one = CHANCES[:, 1]
    both = np.stack([1 - of_one, of_one], axis=1)
    assert METRICS[name].value(two, both) == pytest.approx(METRICS[name].value(two, of_one))


@settings(max_examples=60, deadline=None)
@given(some.integers(0, 2**32), some.integers(2, 5), some.integers(5, 60), some.booleans())
def test_metrics_of_any_classes_agree_with_scikit_learn(seed, classes, rows, ties):
    draw = np.random.default_rng(seed)
    target = np.append(np.arange(classes), draw.integers(0, classes, rows)).astype(float)
    chances = draw.dirichlet([1.0] * classes, len(target))
    if ties:
        chances = np.round(chances * 4) + 0.01
        chances /= chances.sum(axis=1, keepdims=True)
    ranked = chances if classes > 2 else chances[:, 1]
    called = chances.argmax(axis=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        known = {
            "auc": peer.roc_auc_score(target, ranked, multi_class="ovr"),
            "log_loss": peer.log_loss(target, chances, labels=range(classes)),
            "weighted_precision": peer.precision_score(target, called, average="weighted", zero_division=0),
            "macro_f1": peer.f1_score(target, called, average="macro", zero_division=0),
        }
    for name, value in known.items():
        assert METRICS[name].value(target, chances) == pytest.approx(value), name


@pytest.mark.parametrize(
    "name", ["auc", "weighted_precision", "weighted_f1", "log_loss", "brier", "recall of bus"]
)
def test_influences_of_probabilities_are_how_far_a_row_moves_the_log(name):
    metric, rows = metric_of(name, THREE), 60
    target, chances = TARGET[:rows], CHANCES[:rows]
    moved = metric.weighed(target, chances, np.arange(rows))(
        np.ones((rows, rows)) + 1e-6 * rows * np.eye(rows)
    )
    known = np.log(moved / metric.value(target, chances)) / metric.power / 1e-6
    assert metric.influence(target, chances) == pytest.approx(known, abs=1e-3)


@pytest.mark.parametrize("name", ["average_precision", "sklearn.matthews_corrcoef"])
def test_without_influences_resamples_tell_the_spread(name):
    """Against the delta method of a jackknife, row by row."""
    metric, rows = metric_of(name, THREE), 150
    target, ours = TARGET[:rows], 0.6 * ONE_HOT[:rows] + 0.4 * CHANCES[:rows]
    ours = 0.5 * ours + 0.5 * DRAW.dirichlet([1, 1, 1], rows)
    theirs = 0.8 * ours + 0.2 * DRAW.dirichlet([1, 1, 1], rows)
    found = compare(metric, target, ours, theirs)
    left = [np.arange(rows) != row for row in range(rows)]
    logs = [np.log(metric.value(target[r], ours[r]) / metric.value(target[r], theirs[r])) for r in left]
    assert found.se == pytest.approx(np.sqrt((rows - 1) * np.var(logs)), rel=0.25)
    assert found == compare(metric, target, ours, theirs), "the same rows say the same"


@pytest.mark.parametrize(
    ("name", "target", "predictions", "sentence"),
    [
        ("log_loss", TARGET, CHANCES * 2, "do not add up to 1"),
        ("log_loss", TARGET + 1, CHANCES, "which is of the class 3 cannot be known: write classes"),
        ("precision", TARGET, CHANCES, "precision is of targets 0 and 1, and one is 2"),
        ("rmse", TARGET, CHANCES, "one figure a row is needed, and a model gave 3"),
        ("auc of van", TARGET, TARGET, "auc of van needs a score of its class"),
        ("recall of van", np.zeros(400), CHANCES, "of the rows of its class, and there are none"),
        ("sklearn.mean_gamma_deviance", TARGET, -TARGET, "could not be computed: ValueError"),
    ],
)  # fmt: skip
def test_what_has_no_value_is_said(name, target, predictions, sentence):
    with pytest.raises(MetricUndefined, match=sentence):
        metric_of(name, None if name == "rmse" else THREE).value(target, predictions)


def test_metrics_that_do_not_fit_the_classes_are_said():
    with pytest.raises(
        MetricUnknown, match="rmse is of figures, and the target is of the classes cab, bus, van"
    ):
        metric_of("rmse", THREE)
    with pytest.raises(
        MetricUnknown, match="cannot measure recall of tram: the data set's classes are cab, bus"
    ):
        metric_of("recall of tram", THREE)
    with pytest.raises(MetricUnknown, match="the data set's classes are whole numbers"):
        metric_of("recall of tram", None)
    assert metric_of("recall of 2", None).value(np.array([2.0, 2.0]), np.array([2.0, 1.0])) == 0.5


def series(*cells):
    return pd.Series(cells, name="kind")


@pytest.mark.parametrize(
    ("column", "known", "places", "names"),
    [
        (series("b", "a", None, "b"), None, [1, 0, np.nan, 1], ("a", "b")),
        (series("bus", "cab"), THREE, [1, 0], THREE.names),
        (series(2, 1.0, None), Classes(("1", "2"), declared=True), [1, 0, np.nan], ("1", "2")),
        (series("2", "1"), Classes(("1", "2"), declared=True), [1, 0], ("1", "2")),
        (series(*YES_NO), Classes(("0", "1"), declared=True), [1, 0], ("0", "1")),
    ],
)
def test_a_target_of_classes_is_read_as_their_places(column, known, places, names):
    values, classes = read_target(column, known)
    assert np.array_equal(values, places, equal_nan=True)
    assert classes.names == names


def test_figures_stay_figures():
    values, classes = read_target(series("1.5", "n/a", "2"), None)
    assert np.array_equal(values, [1.5, np.nan, 2], equal_nan=True)
    assert classes is None
    assert read_target(series(*YES_NO), None)[0].tolist() == [1.0, 0.0]


def test_a_cell_of_no_class_is_said(tmp_path):
    with pytest.raises(TargetInvalid, match="'buss', which is none of the classes: did you mean 'bus'"):
        read_target(series("buss"), THREE)
    path = tmp_path / "rows.csv"
    path.write_text("x,kind\n1,tram\n")
    with pytest.raises(HoldoutInvalid, match="'tram', which is none of the classes"):
        read_holdout(path, name="holdout", target="kind", classes=THREE)
    with pytest.raises(TargetInvalid, match="1,001 different texts, which are no classes"):
        read_target(series(*(f"t{n}" for n in range(1001))), None)


def told(*names, declared=True, answers=None):
    return {"names": names, "declared": declared, "answers": answers}


@pytest.mark.parametrize(
    ("output", "classes", "places"),
    [
        (["bus", "cab"], told("cab", "bus"), [1, 0]),
        (["bus", "tram"], told("bus", "cab", declared=False), [0, -1]),
        (np.array([2, 1]), told("1", "2"), [1, 0]),
        (np.array([0.2, 0.9]), told("no", "yes"), [0.2, 0.9]),
        (np.array([1.0, 0.0]), told("0", "1"), [1, 0]),
        (np.array([1.0, 0.5]), told("1", "2", answers="probabilities"), [1, 0.5]),
        (np.array([[0.2], [0.9]]), told("no", "yes"), [0.2, 0.9]),
        (np.array([[0.2, 0.8], [1, 0]]), told("no", "yes"), [[0.2, 0.8], [1, 0]]),
        (pd.DataFrame({"yes": [0.8, 0.0], "no": [0.2, 1.0]}), told("no", "yes"), [[0.2, 0.8], [1, 0]]),
        (pd.DataFrame({2: [0.8, 0.0], 1: [0.2, 1.0]}), told("1", "2", declared=False), [[0.2, 0.8], [1, 0]]),
        (pd.Series(["b", "a"], dtype="string"), told("a", "b", declared=False), [1, 0]),
        (np.array([[0.2, 0.8], [1, 0]]), None, [[0.2, 0.8], [1, 0]]),
    ],
)
def test_answers_by_classes_are_taken_in_every_common_form(output, classes, places):
    assert plain_answers(output, 2, classes).tolist() == places


@pytest.mark.parametrize(
    ("output", "classes", "sentence"),
    [
        (["bus", "tram"], told("cab", "bus"), "gave 'tram', which is none of the classes cab, bus"),
        (np.array([0.5, 3]), told("no", "yes"), "which is none of the classes no, yes"),
        (
            np.array([[1, 0, 0], [1, 0, 0]]),
            told("no", "yes"),
            "gave 3 figures a row, and there are 2 classes",
        ),
        (np.array([[1, 0], [1, 0]]), told("no", "yes", answers="labels"), "says that it answers labels"),
        (["yes", "no"], told("no", "yes", answers="probabilities"), "says that it answers probabilities"),
        (["5.0", "6.0"], None, "of type <U3, numbers are needed"),
        (np.zeros((2, 0)), told("no", "yes"), r"of shape \(2, 0\)"),
    ],
)
def test_answers_by_no_class_are_refused(output, classes, sentence):
    with pytest.raises(Unfit, match=sentence):
        plain_answers(output, 2, classes)


@pytest.mark.parametrize("output", [np.array([0.2, 0.9]), np.array([[0.2, 0.8], [1, 0]])], ids=["one", "two"])
def test_numbers_where_only_words_are_known_are_nobodys_fault(output):
    with pytest.raises(Unclear):
        plain_answers(output, 2, told("no", "yes", declared=False))


KINDS = """
names = np.array(["bus", "cab", "van"])
far = (data["distance"] > 7).astype(int) + (data["distance"] > 13)
"""
LABELS = KINDS + "return names[far]"
ONE_HOT_ANSWERS = KINDS + "return np.eye(3)[far.to_numpy()] * 0.7 + 0.1"


@pytest.fixture
def kinds(frame):
    def read(tmp_path, classes=None):
        far = (frame["distance"] > 7).astype(int) + (frame["distance"] > 13)
        rows = frame.assign(kind=np.array(["bus", "cab", "van"])[far])
        rows.to_csv(tmp_path / "kinds.csv", index=False)
        return read_holdout(tmp_path / "kinds.csv", name="holdout", target="kind", classes=classes)

    return read


def found_of(name, model, rows, sandbox, champion=None):
    names = ("distance", "hour")
    signature = Signature(inputs=tuple(Column(name=each, type="double") for each in names))
    need = (MetricNeed if champion is None else ComparisonNeed)(metric=name, dataset="holdout")
    files = [None if each is None else ModelFiles(each, signature) for each in (model, champion)]
    return measure((need,), *files, {"holdout": lambda: rows}, sandbox=sandbox)[0][need.key]


def test_models_that_answer_in_words_or_probabilities_are_compared_in_the_sandbox(
    kinds, tmp_path, bare_model, sandbox
):
    rows = kinds(tmp_path, Classes(("bus", "cab", "van"), declared=True))
    words, shares = bare_model(LABELS, name="words"), bare_model(ONE_HOT_ANSWERS, name="shares")
    assert found_of("recall of van", words, rows, sandbox).value == 1.0
    assert found_of("log_loss", shares, rows, sandbox).value == pytest.approx(-np.log(0.8))
    compared = found_of("accuracy", words, rows, sandbox, champion=shares)
    assert (compared.candidate, compared.champion, compared.discordant.p) == (1.0, 1.0, 1.0)


def test_probabilities_without_names_are_a_question_to_the_policy(kinds, tmp_path, bare_model, sandbox):
    rows = kinds(tmp_path)
    assert found_of("accuracy", bare_model(LABELS, name="words"), rows, sandbox).value == 1.0
    found = found_of("accuracy", bare_model(ONE_HOT_ANSWERS, name="shares"), rows, sandbox)
    assert found.fault == "surroundings"
    assert "write classes: [...] in the data set, in the order of the model's columns" in found.reason
