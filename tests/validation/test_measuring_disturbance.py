import numpy as np
import pytest
from sklearn.metrics import root_mean_squared_error

from policies.evidence.disturbance import DisturbanceNeed
from tests.validation.scored import holdout_of, scores_for, trips
from validation.measuring.kinds import finding_of, tables_of

FRAME = trips(20_000)
TARGET = 2.5 + FRAME["km"]


def need_of(**more):
    return DisturbanceNeed(**{"dataset": "holdout", "metric": "rmse", "columns": ("km",), **more})


def model(rows):
    return 2.5 + rows["km"].fillna(0) + 1.0


def found(need, frame=FRAME, answering=model, takes=()):
    return finding_of(need, scores_for(need, frame, answering, target=TARGET[: len(frame)], takes=takes))


def test_noise_is_as_wide_as_the_column_says():
    seen = found(need_of(noise=0.2))
    spread = 0.2 * FRAME["km"].std(ddof=0)
    assert seen.before == pytest.approx(1.0)
    assert seen.after == pytest.approx(np.hypot(1.0, spread), rel=0.02)
    assert seen.rows == 20_000


def test_missing_values_are_as_many_as_were_asked_for():
    need = need_of(missing=0.05)
    (table,) = tables_of(need, holdout_of(FRAME)).values()
    assert table["km"].isna().mean() == pytest.approx(0.05, abs=0.005)
    assert table["hour"].equals(FRAME["hour"])
    assert found(need).after == pytest.approx(root_mean_squared_error(TARGET, model(table)))


def test_the_same_need_draws_the_same_noise_whatever_stands_beside_it():
    alone, beside = need_of(noise=0.5), need_of(noise=0.5, columns=("hour", "km"))
    (one,), (other,) = (tables_of(need, holdout_of(FRAME)).values() for need in (alone, beside))
    assert one["km"].equals(other["km"])
    assert found(alone) == found(alone)
    assert other["hour"].dtype == FRAME["hour"].dtype


@pytest.mark.parametrize(
    ("need", "takes", "reason"),
    [
        pytest.param(
            need_of(noise=0.1, columns=("kmm",)), (), "the data set has no column 'kmm' (did", id="absent"
        ),
        pytest.param(need_of(noise=0.1, columns=("word",)), (), "the column 'word' holds", id="words"),
        pytest.param(need_of(noise=0.1), ("hour",), "the candidate does not take 'km'", id="not taken"),
        pytest.param(
            need_of(noise=0.1, columns=("hour",)), (), "not one prediction moved when hour", id="unused"
        ),
    ],
)
def test_what_cannot_be_disturbed_is_said(need, takes, reason):
    gap = found(need, FRAME.assign(word="x"), takes=takes)
    assert gap.reason.startswith(reason)
    assert gap.fault == "surroundings"


def test_a_model_that_breaks_under_noise_is_to_blame():
    frame = FRAME.head(100)
    gap = found(need_of(missing=0.5), frame, answering=lambda rows: rows["km"])
    assert gap.fault == "candidate"
    assert "predictions that are not finite numbers" in gap.reason
