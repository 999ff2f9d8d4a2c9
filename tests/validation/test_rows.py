"""Rows on disk say the same as the frame that they are of, batch by batch, and go when nobody holds them."""

import gc

import numpy as np
import pandas as pd
import pytest

from registry.words import Column, Signature
from validation.feeding import Fed
from validation.holdout import read_holdout
from validation.parsing import CHUNK_ROWS
from validation.rows import Rows

ROWS = 2 * CHUNK_ROWS + 10


@pytest.fixture
def frame():
    draw = np.random.default_rng(2)
    target = draw.normal(size=ROWS)
    target[::7] = np.nan
    return pd.DataFrame({"km": draw.normal(size=ROWS), "zone": ["a", "b"] * (ROWS // 2), "y": target})


@pytest.fixture
def holdout(frame, tmp_path):
    frame.to_parquet(tmp_path / "rows.parquet")
    return read_holdout(tmp_path / "rows.parquet", name="holdout", target="y")


def test_batches_columns_and_single_rows_are_those_of_the_file(frame, holdout):
    judged = frame[frame["y"].notna()].drop(columns="y")
    batches = list(holdout.inputs.frames())
    assert len(batches) == 3
    pd.testing.assert_frame_equal(pd.concat(batches), judged)
    pd.testing.assert_series_equal(holdout.inputs["zone"], judged["zone"])
    places = np.array([5, 0, holdout.rows - 1, 5, CHUNK_ROWS])
    pd.testing.assert_frame_equal(holdout.inputs.take(places), judged.iloc[places])
    assert holdout.inputs.index.equals(judged.index)
    assert (len(holdout.inputs), holdout.rows, holdout.dropped) == (
        len(judged),
        len(judged),
        ROWS - len(judged),
    )


def test_a_changed_column_is_changed_in_every_batch_and_nowhere_else(holdout):
    moved = holdout.inputs.assign(km=holdout.inputs["km"] + 1)
    both = zip(moved.frames(), holdout.inputs.frames(), strict=True)
    assert all(np.allclose(after["km"], before["km"] + 1) for after, before in both)
    assert moved.take(np.array([ROWS // 2]))["km"].iloc[0] == moved["km"].iloc[ROWS // 2]
    assert moved.columns == holdout.inputs.columns


def test_inputs_for_a_model_are_cast_batch_by_batch(holdout):
    fed = Fed(holdout.inputs, Signature(inputs=(Column(name="km", type="float"),)))
    sizes = [batch.num_rows for batch in fed.to_batches()]
    assert len(sizes) == 3
    assert sum(sizes) == fed.num_rows == holdout.rows
    assert fed.first.schema.names == ["km"]


def test_their_file_goes_with_them():
    rows = Rows.of(pd.DataFrame({"a": [1]}))
    path = rows._spool._path
    assert path.exists()
    del rows
    gc.collect()
    assert not path.exists()
