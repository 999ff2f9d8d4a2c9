"""The promise of the rule, held by simulation: an equal model is called better, and one that is worse by the
margin promoted, in at most 5 of 100 trials (2,000 each, fixed seeds; the allowance is 3 standard errors).

Errors are as heavy-tailed as on real taxi trips: 1 % of the rows carry 72 % of the squared error.
"""

import math

import numpy as np
import pytest

from policies.metrics import METRICS as BETTER
from policies.noninferiority import Bound
from validation.comparison import compare
from validation.metrics import METRICS

TRIALS = 2000
MOST = 0.05 + 3 * math.sqrt(0.05 * 0.95 / TRIALS)
TAIL = 1.45
"""Standard deviation of ln|error|: the top 1 % of such rows hold 72 % of the squares."""


def fares(rows, draw, *, worse=1.0, tail=TAIL):
    """Errors that the models have in common for the most part; the candidate's may be larger, or rarer and larger.

    The candidate's true RMSE is `worse` times the champion's, exactly.
    """
    hard = draw.normal(size=rows)
    own = draw.normal(size=(2, rows))
    size = math.sqrt(0.95) * hard + math.sqrt(0.05) * own
    sign = np.where(draw.random((2, rows)) < 0.5, -1, 1)
    champion = sign[0] * np.exp(TAIL * size[0])
    candidate = sign[1] * np.exp(tail * size[1]) * worse * math.exp(TAIL**2 - tail**2)
    return np.zeros(rows), candidate, champion


def labels(rows, draw, *, worse=0.0):
    """0 or 1; right for nine rows in ten by the champion, for `worse` of that less by the candidate."""
    target = (draw.random(rows) < 0.4).astype(float)
    hard = draw.random(rows)
    own = draw.random((2, rows)) < 0.3
    chance = np.where(own, draw.random((2, rows)), hard)
    wrong = chance > np.array([[0.9 * (1 - worse)], [0.9]])
    candidate, champion = np.where(wrong, 1 - target, target)
    return target, candidate, champion


def chances(rows, draw):
    """Probabilities of two models that are as good."""
    target = (draw.random(rows) < 0.3).astype(float)
    logit = 1.5 * (target - 0.5) + draw.normal(size=rows) + 0.5 * draw.normal(size=(2, rows))
    candidate, champion = 1 / (1 + np.exp(-logit))
    return target, candidate, champion


def by_days(rows, draw):
    """Errors that rows of one day have in common, one model on one day more than the other."""
    days = np.arange(rows) // 25
    of_day = draw.normal(size=(2, days[-1] + 1))[:, days] * 0.6
    candidate, champion = np.exp(of_day + 0.5 * draw.normal(size=(2, rows)))
    return np.zeros(rows), candidate, champion, days


def promoted(name, trials, margin):
    """The share of trials that pass."""
    passed = 0
    for target, candidate, champion, *days in trials:
        found = compare(METRICS[name], target, candidate, champion, days=days[0] if days else None)
        bound = Bound(
            found.log_ratio,
            found.se,
            better=BETTER[name],
            margin=margin,
            confidence=0.95,
            spread=found.spread,
        )
        passed += bound.passes
    return passed / TRIALS


def trials(make, rows, **how):
    draw = np.random.default_rng(rows)
    return (make(rows, draw, **how) for _ in range(TRIALS))


@pytest.mark.parametrize("rows", [200, 1000])
@pytest.mark.parametrize("name", ["rmse", "mae"])
def test_an_equal_model_is_seldom_called_better(name, rows):
    assert promoted(name, trials(fares, rows), 0.0) <= MOST


@pytest.mark.parametrize("rows", [200, 1000])
def test_a_model_worse_by_the_margin_is_seldom_promoted(rows):
    assert promoted("rmse", trials(fares, rows, worse=1.05), 0.05) <= MOST
    assert promoted("mae", trials(fares, rows, worse=1.05), 0.05) <= MOST


@pytest.mark.parametrize("rows", [60, 1000])
@pytest.mark.parametrize("margin", [0.0, 0.02])
def test_a_classifier_worse_by_the_margin_is_seldom_promoted(rows, margin):
    assert promoted("accuracy", trials(labels, rows, worse=margin), margin) <= MOST


@pytest.mark.parametrize("name", ["auc", "f1", "balanced_accuracy", "log_loss", "brier"])
def test_an_equal_classifier_is_seldom_called_better(name):
    assert promoted(name, trials(chances, 300), 0.0) <= MOST


def test_rows_of_one_day_are_not_taken_for_as_many_witnesses():
    seen = list(trials(by_days, 1000))
    assert promoted("mae", seen, 0.0) <= MOST
    assert promoted("mae", (rows[:3] for rows in seen), 0.0) > 2 * MOST
