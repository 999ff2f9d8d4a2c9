import numpy as np
import pandas as pd
import pytest

from policies.evidence.monotony import Monotony, MonotonyNeed
from tests.validation.scored import holdout_of, scores_for, trips
from validation.measuring.kinds import finding_of, tables_of
from validation.measuring.monotony import MOST_ROWS

NEED = MonotonyNeed(dataset="holdout", column="km")


def found(model, frame=None, need=NEED, takes=()):
    return finding_of(need, scores_for(need, trips() if frame is None else frame, model, takes=takes))


def test_a_rising_model_never_falls_and_a_falling_one_never_rises():
    rising, falling = found(lambda rows: 2.5 + rows["km"]), found(lambda rows: -rows["km"])
    assert (rising.never_fell, rising.never_rose, rising.moved) == (rising.rows, 0, rising.rows)
    assert (falling.never_fell, falling.never_rose) == (0, falling.rows)
    assert rising.rows == len(trips()) - 1, "the row at the very top cannot be moved"


def test_a_model_with_a_peak_keeps_a_direction_only_beyond_it():
    frame = trips()
    km, first_step = frame["km"], 0.1 * (frame["km"].quantile(0.75) - frame["km"].quantile(0.25))
    peaked = found(lambda rows: -np.abs(rows["km"] - 10.0), frame)
    assert peaked.never_rose == ((km >= 10 - first_step / 2) & (km < km.max())).sum()
    assert peaked.never_fell < peaked.rows - peaked.never_rose


def test_rounding_is_no_move():
    draw = np.random.default_rng(1)
    still = found(lambda rows: 10 * (1 + draw.uniform(-1e-6, 1e-6, len(rows))))
    assert (still.moved, still.never_fell) == (0, still.rows)


def test_whole_numbers_stay_whole_and_within_what_was_seen():
    need = MonotonyNeed(dataset="holdout", column="hour")
    tables = list(tables_of(need, holdout_of(trips())).values())
    assert len(tables) == 4
    assert all(table["hour"].dtype == np.int64 and table["hour"].max() == 23 for table in tables)
    assert ((tables[1]["hour"] > tables[0]["hour"]) | (tables[0]["hour"] == 23)).all()


def test_many_rows_are_thinned_evenly():
    frame = trips(3 * MOST_ROWS)
    assert found(lambda rows: rows["km"], frame).rows >= MOST_ROWS - 1


@pytest.mark.parametrize(
    ("frame", "takes", "reason"),
    [
        pytest.param(trips().drop(columns="km"), (), "the data set has no column 'km'", id="absent"),
        pytest.param(trips().assign(km="far"), (), "the column 'km' holds", id="words"),
        pytest.param(trips().assign(km=7.0), (), "no value of 'km' can be moved upwards", id="all equal"),
        pytest.param(trips().assign(km=np.nan), (), "no value of 'km' can be moved upwards", id="empty"),
        pytest.param(trips(), ("hour",), "the candidate does not take 'km'; its signature nam", id="unused"),
    ],
)
def test_what_cannot_be_moved_is_said(frame, takes, reason):
    gap = found(lambda rows: np.zeros(len(rows)), frame, takes=takes)
    assert gap.reason.startswith(reason)
    assert gap.fault == "surroundings"


def test_empty_cells_are_left_out():
    frame = trips(100)
    frame.loc[:9, "km"] = np.nan
    assert found(lambda rows: rows["km"].fillna(0), frame).rows == 89


@pytest.mark.parametrize("kind", ["Int64", "int8", "Float64"])
def test_every_kind_of_number_can_be_moved(kind):
    frame = pd.DataFrame({"km": pd.array(np.arange(100), dtype=kind)})
    assert found(lambda rows: rows["km"].to_numpy(dtype=float), frame) == Monotony(
        rows=99, never_fell=99, never_rose=0, moved=99
    )
