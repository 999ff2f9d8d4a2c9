"""Chooses a hold-out's columns for a model and checks them against its signature, before the model runs.

Pure. What MLflow serving would take as JSON is taken, what it would refuse is refused with the column and
the row; the casts themselves are in `validation.casts`. Columns the signature does not name are left out.
"""

import difflib
from collections.abc import Sequence

import pandas as pd
import pyarrow as pa

from registry.words import Column, Signature
from validation.casts import InputsInvalid, cast

_TENSOR_OF_SCALARS = ((-1,), (-1, 1))


def feed(frame: pd.DataFrame, signature: Signature | None) -> pa.Table:
    """The model's inputs, one Arrow column per input, in the signature's order. Raises InputsInvalid."""
    if signature is None or not signature.inputs:
        raise InputsInvalid(
            "the model was logged without a signature, so nobody can know what to feed it: "
            "log it with signature=mlflow.models.infer_signature(inputs, predictions)"
        )
    wanted = _unnamed(frame, signature) or _named(frame, signature.inputs)
    return pa.table({column.name: cast(frame[column.name], column.type) for column in wanted})


def _named(frame: pd.DataFrame, columns: Sequence[Column]) -> list[Column]:
    for column in columns:
        if column.shape is not None and column.shape not in _TENSOR_OF_SCALARS:
            raise InputsInvalid(
                f"input '{column.name}' is a tensor of shape {column.shape}; only one number per row "
                "can be taken from a column of the hold-out: log the model with one input per column"
            )
    missing = [c for c in columns if c.required and c.name not in frame.columns]
    if missing:
        raise InputsInvalid(_sentence_of_missing(missing, frame))
    return [c for c in columns if c.name in frame.columns]


def _sentence_of_missing(missing: Sequence[Column], frame: pd.DataFrame) -> str:
    names = [str(name) for name in frame.columns]
    said = []
    for column in missing:
        near = difflib.get_close_matches(str(column.name), names, n=1)
        said.append(f"'{column.name}'" + (f" (did you mean '{near[0]}'?)" if near else ""))
    return f"the hold-out lacks what the signature asks for: {', '.join(said)}"


def _unnamed(frame: pd.DataFrame, signature: Signature) -> list[Column] | None:
    """One unnamed tensor takes the numeric columns in the file's order, if there are exactly enough."""
    if all(column.name is not None for column in signature.inputs):
        return None
    first = signature.inputs[0]
    shape = first.shape or ()
    if len(signature.inputs) > 1 or len(shape) not in (1, 2):
        raise InputsInvalid(
            "the signature's inputs have no names, so the hold-out's columns cannot be told apart: "
            "log the signature with column names"
        )
    width = shape[1] if len(shape) == 2 else 1  # noqa: PLR2004 rows and columns
    numeric = [str(n) for n in frame.columns if pd.api.types.is_numeric_dtype(frame[n])]
    if len(numeric) != width:
        raise InputsInvalid(
            f"the signature takes one unnamed tensor of {width} numbers a row, and the hold-out has "
            f"{len(numeric)} numeric columns besides the target: log the signature with column names"
        )
    return [Column(name=name, type=first.type) for name in numeric]
