import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from validation.answers import Failed, Loaded, Scored
from validation.steadiness import other, samples, spread_of

ANSWERS = arrays.arrays(np.float64, st.integers(1, 30), elements=st.floats(width=32))


@pytest.fixture
def table(frame):
    return pa.Table.from_pandas(frame, preserve_index=False)


@pytest.mark.parametrize(
    ("predict", "sentence"),
    [
        ("return data['distance'].to_numpy() - data['distance'].mean()", "of 'holdout' with .* alone"),
        ("return data['distance'].to_numpy().cumsum()", "among 40 in another order"),
        ("return np.random.default_rng().normal(size=len(data))", "in another order: its answers depend"),
        ("return np.arange(len(data))", "in another order: its answers depend on the batch"),
        (
            "if len(data) == 1: raise ValueError('too few')\nreturn np.ones(len(data))",
            "was asked for some rows of 'holdout' again, and raised ValueError: too few",
        ),
    ],
    ids=["by the batch", "by the rows before", "by chance", "by place", "not alone"],
)
def test_a_model_that_answers_a_row_otherwise_when_asked_again_is_not_believed(
    sandbox, bare_model, table, predict, sentence
):
    run = sandbox.run(bare_model(predict), {"holdout": table, "few": table.slice(0, 9)})
    assert isinstance(run.loading, Loaded)
    failed = run.scores["holdout"]
    assert isinstance(failed, Failed)
    assert failed.fault == "candidate"
    assert re.search(sentence, failed.reason)
    assert run.scores["few"] == failed


@pytest.mark.parametrize(
    "predict",
    [
        "return data['distance'].to_numpy()",
        "return data['distance'].where(data['hour'] < 12)",
        "return np.where(data['hour'] < 12, np.inf, data['distance'])",
        "return data['distance'].to_numpy() * (1 + 1e-7 * len(data))",
    ],
    ids=["honest", "with holes", "with infinities", "within rounding"],
)
def test_a_model_that_answers_alike_is_believed(sandbox, bare_model, table, predict):
    run = sandbox.run(bare_model(predict), {"holdout": table, "one": table.slice(0, 1)})
    assert all(isinstance(scored, Scored) for scored in run.scores.values())


@given(ANSWERS)
def test_an_answer_is_never_other_than_itself(answers):
    assert other(answers, answers.copy(), spread_of(answers)) is None


@given(ANSWERS, st.data())
def test_a_hole_where_a_number_was_is_found(answers, data):
    place = data.draw(st.integers(0, len(answers) - 1))
    again = np.nan_to_num(answers)
    before = again.copy()
    again[place] = np.nan
    assert other(again, before, spread_of(before)) == place


@given(st.integers(0, 500))
def test_rows_asked_again_are_rows_of_the_table_each_once(rows):
    for sample in samples(rows):
        assert len(set(sample)) == len(sample) > 0
        assert set(sample) <= set(range(rows))
