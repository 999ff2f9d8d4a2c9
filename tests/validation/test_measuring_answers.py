import numpy as np
import pytest

from policies.evidence.answers import Answers, AnswersNeed
from policies.evidence.measurement import MetricNeed
from tests.validation.scored import scores_for, trips
from validation.measuring.kinds import finding_of

NEED = AnswersNeed(dataset="holdout")


def some(*values):
    return lambda rows: np.resize(values, len(rows))


@pytest.mark.parametrize(
    ("model", "missing", "infinite", "lowest", "highest"),
    [
        pytest.param(some(1.0, 2.0, -3.0, 4.0), 0, 0, -3.0, 4.0, id="numbers"),
        pytest.param(some(np.nan, 2.0, np.inf, -np.inf), 2, 4, 2.0, 2.0, id="all kinds"),
        pytest.param(some(np.nan), 8, 0, None, None, id="nothing but missing"),
    ],
)
def test_predictions_are_counted_as_they_came(model, missing, infinite, lowest, highest):
    found = finding_of(NEED, scores_for(NEED, trips(8), model))
    assert found == Answers(rows=8, missing=missing, infinite=infinite, lowest=lowest, highest=highest)


def test_no_metric_is_made_of_predictions_that_are_not_finite():
    need = MetricNeed(metric="rmse", dataset="holdout")
    found = finding_of(need, scores_for(need, trips(8), some(1.0, np.nan)))
    assert found.fault == "candidate"
    assert found.reason == (
        "the candidate gave 4 of 8 predictions that are not finite numbers "
        "(the first is nan, for row 2 of those asked)"
    )
