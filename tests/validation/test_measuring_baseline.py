import numpy as np
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import LinearRegression
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import cross_val_predict

from policies.evidence.baseline import BaselineNeed
from tests.validation.scored import scores_for, trips
from validation.measuring.kinds import finding_of

FRAME = trips(503).rename(columns={"km": "distance_km"})
TARGET = 2.5 + 1.5 * FRAME["distance_km"] + np.random.default_rng(1).normal(0, 2, len(FRAME))
IN_TURN = [
    (np.flatnonzero(np.arange(503) % 5 != k), np.flatnonzero(np.arange(503) % 5 == k)) for k in range(5)
]


def found(column=None, frame=FRAME, target=TARGET):
    need = BaselineNeed(metric="rmse", dataset="holdout", column=column)
    return finding_of(need, scores_for(need, frame, lambda rows: TARGET[: len(rows)] + 1.0, target=target))


@pytest.mark.parametrize(
    ("column", "peer"),
    [(None, DummyRegressor()), ("distance_km", LinearRegression())],
    ids=["mean", "linear"],
)
def test_baselines_agree_with_scikit_learn_across_the_same_folds(column, peer):
    known = cross_val_predict(peer, FRAME[["distance_km"]], TARGET, cv=IN_TURN)
    seen = found(column)
    assert seen.candidate == pytest.approx(1.0)
    assert seen.champion == pytest.approx(root_mean_squared_error(TARGET, known))
    assert seen.log_ratio == pytest.approx(np.log(1.0 / seen.champion))
    assert seen.se > 0
    assert seen.rows == 503


def test_a_column_may_be_called_without_its_unit():
    assert found("distance") == found("distance_km")
    exact = FRAME.assign(distance=0.0)
    assert found("distance", exact).champion == pytest.approx(found(None).champion), (
        "its exact name counts first"
    )


def test_no_row_helps_to_predict_itself():
    """Were the mean fitted on all rows, one wild target would be predicted a little by itself."""
    target = np.zeros(10)
    target[3] = 100.0
    seen = found(None, FRAME.head(10), target)
    assert seen.champion == pytest.approx(np.sqrt((100.0**2 + 8 * 12.5**2) / 10))


def test_rows_without_a_value_are_given_the_mean():
    frame = FRAME.copy()
    frame.loc[:, "distance_km"] = np.nan
    assert found("distance_km", frame).champion == pytest.approx(found(None).champion)


@pytest.mark.parametrize(
    ("column", "frame", "reason"),
    [
        ("distence_km", FRAME, "the data set has no column 'distence_km' (did you mean 'distance_km'?)"),
        (
            "distance",
            FRAME.assign(distance_mi=1.0),
            "'distance' may mean distance_km or distance_mi: name one",
        ),
        ("hour", FRAME.assign(hour="late"), "the column 'hour' holds"),
        (None, FRAME.head(9), "baseline:mean cannot be fitted on 9 rows; 10 are needed"),
    ],
)
def test_what_cannot_be_fitted_is_said(column, frame, reason):
    gap = found(column, frame, TARGET[: len(frame)])
    assert gap.reason.startswith(reason)
    assert gap.fault == "surroundings"
