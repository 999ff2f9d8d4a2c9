"""Figures made block by block are those that are made of all rows at once."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.evidence.answers import AnswersNeed
from policies.evidence.comparison import ComparisonNeed
from policies.evidence.gap import Gap
from policies.evidence.measurement import MetricNeed
from policies.evidence.slices import SliceComparisonNeed, SliceNeed
from policies.slices import Bins, ByValue, Where
from validation import columns
from validation.answers import Loaded, Run, Scored
from validation.holdout import Holdout
from validation.measuring.kinds import finding_of
from validation.measuring.large import large_findings
from validation.measuring.scores import Scores
from validation.rows import Rows
from validation.spool import Spool

SLICES = {
    "zone": ByValue(by="zone"),
    "far": Where(where="km >= 10 && zone == 'b'"),
    "nowhere": Where(where="km > 1000"),
    "km": Bins(by="km", bins=(0, 2, 9)),
    "hour": ByValue(by="hour"),
}


def needs(metric):
    return (
        MetricNeed(metric=metric, dataset="holdout"),
        ComparisonNeed(metric=metric, dataset="holdout"),
        SliceNeed(metric=metric, dataset="holdout", slices=SLICES),
        SliceComparisonNeed(metric=metric, dataset="holdout", slices=SLICES),
        AnswersNeed(dataset="holdout"),
    )


def spooled(frame, block_rows):
    """As a file would be read, in blocks of so many rows."""
    import pyarrow as pa

    spool = Spool()
    for start in range(0, len(frame), block_rows):
        some = frame.iloc[start : start + block_rows]
        spool.add(pa.Table.from_pandas(some, preserve_index=False), some.index)
    return Rows(spool.closed())


def scores_of(rows, seed, *, block_rows=97, days=None, chances=False, twin=False):
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "km": draw.uniform(0, 12, rows),
            "zone": draw.choice(["a", "b", "c"], rows),
            "hour": np.where(draw.random(rows) < 0.1, np.nan, draw.integers(0, 3, rows)),
        }
    )
    if chances:
        target = (draw.random(rows) < 0.4).astype(float)
        ours, theirs = draw.uniform(0.01, 0.99, (2, rows))
    else:
        target = 2.5 + 1.5 * frame["km"].to_numpy() + draw.standard_t(3, rows)
        ours, theirs = target + draw.standard_t(2.5, (2, rows)) * [[1.0], [1.2]]
    theirs = ours if twin else theirs
    holdout = Holdout(
        name="holdout",
        inputs=spooled(frame, block_rows),
        target=target,
        digest="d",
        days=None if days is None else np.sort(draw.integers(0, days, rows)),
    )
    both = (Run(Loaded(0.1, answered=True), {"holdout": Scored(each, 0.1, 0.1)}) for each in (ours, theirs))
    return Scores({"holdout": holdout}, *both)


def plain(found):
    """Every figure by where it stands."""
    if isinstance(found, dict):
        return {key: plain(each) for key, each in found.items()}
    if isinstance(found, (list, tuple)):
        return [plain(each) for each in found]
    return found


def same(one, other, where=""):
    if isinstance(one, dict):
        assert one.keys() == other.keys(), where
        for key in one:
            same(one[key], other[key], f"{where}.{key}")
    elif isinstance(one, (list, tuple)):
        assert len(one) == len(other), where
        for number, (a, b) in enumerate(zip(one, other, strict=True)):
            same(a, b, f"{where}[{number}]")
    elif isinstance(one, float):
        assert one == pytest.approx(other, rel=1e-12, abs=1e-13, nan_ok=True), where
    else:
        assert one == other, where


def check(scores, metric):
    asked = needs(metric)
    found = large_findings(asked, scores, large=0)
    assert set(found) == {need.key for need in asked}
    for need in asked:
        same(found[need.key].model_dump(), finding_of(need, scores).model_dump(), need.key)
    return found


@pytest.mark.parametrize("days", [None, 1, 40, 1500], ids=lambda days: f"{days} days")
@pytest.mark.parametrize("metric", ["rmse", "mse", "mae", "mape", "max_error"])
def test_figures_are_the_same_block_by_block(metric, days):
    check(scores_of(4000, seed=5, days=days), metric)


@pytest.mark.parametrize("metric", ["log_loss", "brier"])
def test_so_are_those_of_probabilities(metric):
    check(scores_of(3000, seed=6, chances=True), metric)


@settings(deadline=None, max_examples=25)
@given(
    rows=st.integers(1, 400),
    block_rows=st.integers(1, 400),
    seed=st.integers(0, 2**32 - 1),
    twin=st.booleans(),
    days=st.sampled_from([None, 3]),
)
def test_however_the_rows_are_cut_into_blocks(rows, block_rows, seed, twin, days):
    check(scores_of(rows, seed, block_rows=block_rows, twin=twin, days=days), "rmse")


def test_a_slice_that_has_no_value_costs_no_other():
    scores = scores_of(500, seed=7)
    scores.data["holdout"].target[3] = 0.0
    found = check(scores, "mape")
    assert found["mape on holdout"] == Gap(reason="mape divides by the target, which is 0 in some rows")


def test_so_large_an_error_that_its_square_overflows_is_the_candidates():
    scores = scores_of(300, seed=8)
    scores.candidate.scores["holdout"].predictions[7] = 1e200
    found = check(scores, "rmse")
    assert found["rmse on holdout"].fault == "candidate"


def test_predictions_that_are_no_numbers_are_counted_and_told():
    scores = scores_of(300, seed=9)
    scores.candidate.scores["holdout"].predictions[[5, 6, 7]] = [np.nan, np.inf, -np.inf]
    found = large_findings(needs("rmse"), scores, large=0)
    (need,) = [need for need in needs("rmse") if need.key in found]
    assert found[need.key] == finding_of(need, scores)
    assert (found[need.key].missing, found[need.key].infinite) == (1, 2)


@pytest.mark.parametrize(
    ("declared", "sentence"),
    [
        (Where(where="kilometres > 3"), "there is no column 'kilometres'"),
        (Where(where="hour > 2"), "has no answer where hour is missing"),
        (ByValue(by="km"), "different values, at most 200"),
    ],
)
def test_a_slice_that_cannot_be_cut_is_told(declared, sentence):
    scores = scores_of(900, seed=10, block_rows=300)
    for need in (
        SliceNeed(metric="rmse", dataset="holdout", slices={"odd": declared}),
        SliceComparisonNeed(metric="rmse", dataset="holdout", slices={"odd": declared}),
    ):
        (found,) = large_findings((need,), scores, large=0).values()
        assert sentence in found.reason
        assert found.reason.startswith("the slice 'odd' of 'holdout' cannot be cut")


def test_what_must_see_all_rows_at_once_is_left_to_others():
    assert large_findings(needs("r2"), scores_of(200, seed=11), large=0).keys() == {"predictions on holdout"}


def test_many_rows_lie_in_files_and_are_the_same_figures(monkeypatch, tmp_path):
    monkeypatch.setattr(columns, "LARGE", 10)
    array = columns.column(1000)
    array[:] = np.arange(1000)
    columns.give_back(array)
    assert isinstance(array, np.memmap)
    growing = columns.Growing(np.int64)
    for start in range(0, 1000, 300):
        growing.add(np.arange(start, min(start + 300, 1000)))
    for figures in (array, growing.filled()):
        assert np.array_equal(figures, np.arange(1000))
        blocks = [columns.block(figures, rows) for rows in columns.blocks(1000)]
        assert np.array_equal(np.concatenate(blocks), np.arange(1000))
