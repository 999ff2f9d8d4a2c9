import numpy as np
import pandas as pd
import pytest

from policies.slices import Bins, ByValue, Where
from validation.holdout import Holdout
from validation.rows import Rows
from validation.slicing import SlicesUnfit, cut, where

INF = float("inf")


def trips(**columns):
    frame = pd.DataFrame(columns)
    return Holdout("trips", Rows.of(frame), np.zeros(len(frame)), digest="x")


def rows_of(holdout, **slices):
    return {each.name: np.flatnonzero(each.rows).tolist() for each in cut(holdout, slices)}


SIX = trips(
    hour=[0, 5, 6, 20, 23, 20],
    zone=["jfk", "soho", None, "jfk", "lga", "soho"],
    km=[0.0, 2.0, 4.9, 5.0, np.nan, INF],
    member=[True, False, True, True, False, False],
)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("hour >= 20 || hour < 6", [0, 1, 3, 4, 5]),
        ("zone == 'jfk'", [0, 3]),
        ("zone != 'jfk'", [1, 2, 4, 5]),
        ("zone == null", [2]),
        ("zone in ['soho', 'lga']", [1, 4, 5]),
        ("zone != null && zone.startsWith('s')", [1, 5]),
        ("km != null && km >= 5", [3, 5]),
        ("km == null || km * 2 < 5 && hour > 0", [1, 4]),
        ("member && hour > 0", [2, 3]),
        ("hour > 23", []),
    ],
)
def test_a_condition_chooses_its_rows(text, rows):
    assert rows_of(SIX, part=Where(where=text)) == {"part": rows}


def test_each_value_is_a_part_and_so_are_rows_without_one():
    assert rows_of(SIX, zone=ByValue(by="zone"), hour=ByValue(by="hour")) == {
        "zone jfk": [0, 3], "zone lga": [4], "zone soho": [1, 5], "zone missing": [2],
        "hour 0": [0], "hour 20": [3, 5], "hour 23": [4], "hour 5": [1], "hour 6": [2],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("bins", "parts"),
    [
        ((0, 2, 5, INF), {"km 0 to 2": [0], "km 2 to 5": [1, 2], "km from 5": [3, 5], "km elsewhere": [4]}),
        ((2, 5), {"km 2 to 5": [1, 2], "km elsewhere": [0, 3, 4, 5]}),
        ((-INF, 2, 3), {"km below 2": [0], "km 2 to 3": [1], "km elsewhere": [2, 3, 4, 5]}),
    ],
)
def test_bins_begin_with_their_edge_and_no_row_goes_unjudged(bins, parts):
    assert rows_of(SIX, km=Bins(by="km", bins=bins)) == parts


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        (Where(where="huor > 3"), "the slice 's' of 'trips' cannot be cut: there is no column 'huor', did you mean 'hour'?"),
        (ByValue(by="zones"), "there is no column 'zones', did you mean 'zone'?"),
        (Bins(by="kms", bins=(0, 1)), "there is no column 'kms', did you mean 'km'?"),
        (Where(where="km > 3"), "'km > 3' has no answer where km is missing: No matching overloads found : _>_(null_type, double); write km != null && ... first"),
        (Where(where="zone != null && zone > 3"), "has no answer where zone is 'jfk'"),
        (Where(where="true"), "'true' names no column"),
        (Where(where="day == 1"), "the column 'day' holds times, which no condition compares"),
        (ByValue(by="id"), "'id' has 300 different values, at most 200 can be slices; write bins or a condition"),
    ],
)  # fmt: skip
def test_a_slice_that_cannot_be_cut_says_why(declared, says):
    more = {"id": range(300), "day": pd.date_range("2026-01-01", periods=300)}
    holdout = trips(**{name: np.resize(SIX.inputs[name].to_numpy(), 300) for name in SIX.inputs}, **more)
    with pytest.raises(SlicesUnfit) as unfit:
        cut(holdout, {"s": declared})
    assert says in str(unfit.value)


def test_a_condition_agrees_with_pandas_on_many_rows():
    draw = np.random.default_rng(5)
    holdout = trips(hour=draw.integers(0, 24, 20_000), km=draw.uniform(0, 30, 20_000).round(1))
    frame = pd.concat(holdout.inputs.frames())
    expected = ((frame.hour >= 20) | (frame.hour < 6)) & (frame.km * 2 > 5.5)
    assert (where(holdout, "(hour >= 20 || hour < 6) && km * 2 > 5.5") == expected.to_numpy()).all()


def test_a_data_set_without_rows_has_empty_parts():
    none = trips(hour=np.array([], dtype=np.int64))
    assert rows_of(none, night=Where(where="hour > 20"), hour=ByValue(by="hour")) == {"night": []}
