"""Which metrics a policy may name: ours, of one class, scikit-learn's, and a team's own."""

from importlib.metadata import EntryPoint

import pytest
import sklearn.metrics

from policies.metrics import METRICS, Better, direction
from policies.own_metrics import OwnMetric, offered
from policies.parse import parse_policy
from policies.problems import PolicyInvalid
from policies.scorers import LARGER, SMALLER
from tests.policies.made import SMALLEST


def read(text):
    return parse_policy(text, file="policy.yaml")


def policy_with(text):
    return read(SMALLEST.replace("{metric: rmse, max: 5.0}", text))


@pytest.mark.parametrize(
    ("metric", "way"),
    [
        ("recall of fraud", Better.LARGER),
        ("auc of a class with spaces", Better.LARGER),
        ("average_precision", Better.LARGER),
        ("sklearn.log_loss", Better.SMALLER),
        ("sklearn.f1_macro", Better.LARGER),
    ],
)
def test_a_metric_has_a_direction(metric, way):
    (gate,) = policy_with(f"{{metric: {metric}, max: 5.0}}").transitions[0].gates[:1]
    assert (gate.metric, direction(metric)) == (metric, way)


@pytest.mark.parametrize(
    ("metric", "instead"),
    [
        ("rsme", "did you mean 'rmse'"),
        ("accuracy of fraud", "of one class there are precision, recall"),
        ("sklearn.neg_log_loss", "write sklearn.log_loss, where smaller is better"),
        ("f1_micro", "write sklearn.f1_micro"),
        ("sklearn.f1_makro", "did you mean 'sklearn.f1_macro'"),
    ],
)
def test_a_name_that_is_none_is_answered_with_one_that_is(metric, instead):
    with pytest.raises(PolicyInvalid, match=instead):
        policy_with(f"{{metric: {metric}, max: 5.0}}")


def test_every_scorer_named_is_scikit_learns():
    known = set(sklearn.metrics.get_scorer_names())
    assert {*LARGER, *(f"neg_{name}" for name in SMALLER)} <= known
    left_out = known - {*LARGER, *(f"neg_{name}" for name in SMALLER)}
    assert all(name.endswith("_samples") for name in left_out), "those are of several labels a row"


GOOD = OwnMetric(max, better="smaller")
BAD = OwnMetric(max, better="sideways")


def entry(name, value):
    return EntryPoint(name=name, value=f"{__name__}:{value}", group="gatehouse.metrics")


def test_a_teams_own_metric_is_offered_and_what_is_unsound_is_told():
    offers = offered(
        [
            *(entry("pinball", "GOOD"), entry("odd", "BAD"), entry("lost", "NOWHERE"), entry("rmse", "GOOD")),
            *(entry("number", "__name__"), entry("twice", "GOOD"), entry("twice", "GOOD")),
        ],
        METRICS,
    )
    assert offers.metrics == {"pinball": GOOD}
    assert {name: why.rpartition(": ")[2] for name, why in offers.unusable.items()} == {
        "odd": "better is 'sideways'; write 'smaller' or 'larger'",
        "lost": f"module '{__name__}' has no attribute 'NOWHERE'",
        "number": "str is no policies.own_metrics.OwnMetric",
        "rmse": "choose another",
        "twice": "choose another",
    }


DATASET = "datasets:\n  holdout: {{uri: x.csv, target: y, {}}}\n"


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        ("classes: [no, yes]", ("no", "yes")),
        ("classes: [1, 2.0, '3'], predictions: labels", ("1", "2", "3")),
    ],
)
def test_classes_are_read_as_they_are_called(keys, names):
    assert read(SMALLEST + DATASET.format(keys)).datasets["holdout"].classes == names


@pytest.mark.parametrize(
    ("keys", "what"),
    [
        ("classes: [a]", "at least 2"),
        ("classes: [a, a]", "a class stands here twice"),
        ("classes: [1, '1']", "a class stands here twice"),
        ("classes: [true, false]", "is written in too many ways"),
        ("predictions: labels", "add classes"),
    ],
)
def test_classes_that_cannot_be_meant_are_refused(keys, what):
    with pytest.raises(PolicyInvalid, match=what):
        read(SMALLEST + DATASET.format(keys))
