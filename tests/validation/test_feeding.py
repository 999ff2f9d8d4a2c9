import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.words import Column, Signature
from validation.casts import InputsInvalid
from validation.inputs import feed

FRAME = pd.DataFrame(
    {
        "distance": [1.5, 2.0, np.nan],
        "riders": [1, 2, 3],
        "zone": ["jfk", "soho", None],
        "night": [True, False, True],
        "at": ["2026-01-05T10:00:00", "2026-01-05 11:30", None],
        "key": [b"a", b"b", b"c"],
    },
    index=[0, 4, 7],
)


def signature(*columns, shape=None):
    return Signature(inputs=tuple(Column(name=n, type=t, shape=shape) for n, t in columns))


def test_columns_come_in_the_signatures_order_and_others_stay_out():
    table = feed(FRAME, signature(("riders", "long"), ("distance", "double")))
    assert table.column_names == ["riders", "distance"]
    assert table.num_rows == 3


@pytest.mark.parametrize(
    ("name", "kind", "arrow"),
    [
        ("distance", "double", "double"),
        ("distance", "float", "float"),
        ("distance", "float32", "float"),
        ("riders", "long", "int64"),
        ("riders", "integer", "int32"),
        ("riders", "int16", "int16"),
        ("riders", "double", "double"),
        ("riders", "uint8", "uint8"),
        ("zone", "string", "string"),
        ("night", "boolean", "bool"),
        ("night", "float32", "float"),
        ("at", "datetime", "timestamp[ns]"),
        ("key", "binary", "binary"),
    ],
)
def test_each_type_is_cast_to_the_signatures(name, kind, arrow):
    assert str(feed(FRAME, signature((name, kind))).column(name).type) == arrow


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
def test_named_tensors_of_one_number_a_row_are_columns(shape):
    table = feed(FRAME, signature(("distance", "float32"), ("riders", "float32"), shape=shape))
    assert table.column("riders").to_pylist() == [1.0, 2.0, 3.0]


def test_whole_floats_and_digits_in_text_are_taken_as_serving_takes_them():
    frame = pd.DataFrame({"riders": [1.0, 2.0], "code": ["7", "8"]})
    table = feed(frame, signature(("riders", "long"), ("code", "double")))
    assert table.to_pydict() == {"riders": [1, 2], "code": [7.0, 8.0]}


def test_optional_columns_may_be_absent():
    columns = (Column(name="riders", type="long"), Column(name="tip", type="double", required=False))
    assert feed(FRAME, Signature(inputs=columns)).column_names == ["riders"]


def test_one_unnamed_tensor_takes_the_numeric_columns_in_file_order():
    frame = FRAME[["riders", "zone", "distance"]]
    assert feed(frame, signature((None, "float32"), shape=(-1, 2))).column_names == ["riders", "distance"]


BAD = pd.DataFrame(
    {
        "text": ["1", "two"],
        "half": [1.0, 2.5],
        "hole": [1.0, np.nan],
        "big": [1, 2**40],
        "huge": [1.0, 1e300],
    },
    index=[0, 16],
)


@pytest.mark.parametrize(
    ("columns", "sentence", "fault"),
    [
        pytest.param(
            [("text", "double")], "column 'text', row 17: 'two' is not a number", "surroundings", id="text"
        ),
        pytest.param([("half", "long")], "row 17: '2.5' is not whole", "candidate", id="fraction"),
        pytest.param(
            [("hole", "long")],
            "row 17: the cell is empty, and the signature says int64",
            "candidate",
            id="hole",
        ),
        pytest.param([("big", "integer")], "does not fit the signature's int32", "candidate", id="overflow"),
        pytest.param(
            [("huge", "float")], "too large for the signature's float32", "candidate", id="float overflow"
        ),
        pytest.param([("big", "string")], "is not text", "surroundings", id="number for text"),
        pytest.param([("big", "binary")], "is not bytes", "surroundings", id="number for bytes"),
        pytest.param([("big", "boolean")], "neither true nor false", "surroundings", id="number for boolean"),
        pytest.param([("big", "datetime")], "holds numbers", "surroundings", id="number for time"),
        pytest.param(
            [("text", "datetime")], "'1' is not an ISO 8601 time", "surroundings", id="text for time"
        ),
        pytest.param([("half", "Array(double)")], "cannot be fed yet", "candidate", id="nested type"),
        pytest.param([("haf", "double")], r"'haf' \(did you mean 'half'\?\)", "candidate", id="misspelt"),
        pytest.param([("x", "double"), ("yy", "double")], "'x', 'yy'", "candidate", id="two missing"),
    ],
)
def test_a_mismatch_says_which_column_and_row_and_whose_fault(columns, sentence, fault):
    with pytest.raises(InputsInvalid, match=sentence) as refused:
        feed(BAD, signature(*columns))
    assert refused.value.fault == fault


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        pytest.param(None, "without a signature", id="none"),
        pytest.param(Signature(inputs=()), "without a signature", id="no inputs"),
        pytest.param(
            signature((None, "float32"), shape=(-1, 4)),
            "4 numbers a row.*3 numeric columns",
            id="unnamed, too wide",
        ),
        pytest.param(signature((None, "float32"), (None, "float32")), "have no names", id="several unnamed"),
        pytest.param(signature(("distance", "float32"), shape=(-1, 28, 28)), "tensor of shape", id="image"),
    ],
)
def test_a_signature_that_does_not_tell_what_to_feed_is_refused(given, sentence):
    with pytest.raises(InputsInvalid, match=sentence):
        feed(FRAME, given)


@given(st.lists(st.floats(width=32, allow_nan=True, allow_infinity=False), min_size=1))
def test_floats_survive_the_crossing(values):
    table = feed(pd.DataFrame({"x": values}), signature(("x", "float")))
    np.testing.assert_array_equal(table.column("x").to_numpy(), np.array(values, dtype=np.float32))
