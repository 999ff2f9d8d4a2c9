"""Runs inside the sandbox's process, and nowhere else: loads one model, and takes one step after the other.

Run by `validation.confine` in a clean environment, so it imports nothing of this product; a model's own
environment needs MLflow, pandas and PyArrow only. It warms up first, then waits for steps on stdin. Those,
and all that it says on a pipe of its own, are one JSON object a line; predictions go to files as raw float64.
"""

import contextlib
import functools
import importlib
import json
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

WARM = ("numpy", "pandas", "pyarrow", "mlflow.pyfunc")
WARM_IF_THERE = ("mlflow.sklearn", "sklearn.pipeline", "sklearn.linear_model", "sklearn.ensemble", "skops.io")
KERAS_BATCH = 4096


class _Unfit(Exception):
    """The model answered with something else than one number per row."""


def main(terms: dict[str, Any]) -> int:
    """Warm up, then take steps until there are no more."""
    status = os.fdopen(terms["status"], "w", buffering=1)
    say = functools.partial(_say, status)
    _warm_up()
    say("ready", measures=terms["measures"])
    with os.fdopen(os.dup(0), "rb") as steps:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # a model that reads stdin gets none of them
        return _obey(steps, say)


def _warm_up() -> None:
    """Import ahead what nearly every model needs; from here on nothing is written beside the sources."""
    for name in WARM:
        importlib.import_module(name)
    for name in WARM_IF_THERE:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    sys.dont_write_bytecode = True


def _obey(steps: Iterable[bytes], say: Any) -> int:
    """Each step ends in one status. An ordinary exception costs its step; loading, or any other, the run."""
    model = None
    try:
        for line in steps:
            step = json.loads(line)
            if model is None:
                model = _load(step["load"])
                say("loaded")
            elif "answer" in step:
                _attempt(functools.partial(_score, model, step["inputs"], step["answer"]), say)
            else:
                _attempt(functools.partial(_example, model, step["inputs"]), say)
    except BaseException as error:  # noqa: BLE001 a model may raise anything: it is told, not hidden
        say("ended", error=_told(error))
        return 1
    return 0  # the parent needs no spare, or no answer, any more


def _attempt(step: Callable[[], str], say: Any) -> None:
    try:
        state = step()
    except _Unfit as unfit:
        say("unfit", error=str(unfit))
    except Exception as error:  # noqa: BLE001 the same, and the next step is still taken
        say("raised", error=_told(error))
    else:
        say(state)


def _load(path: str) -> Any:
    """A Keras model answers in large batches; MLflow would ask it 32 rows at a time."""
    import mlflow.pyfunc

    model = mlflow.pyfunc.load_model(path, suppress_warnings=True)
    if {"tensorflow", "keras"} & set(model.metadata.flavors):
        raw = model.get_raw_model()
        keras = sys.modules.get("keras")
        if keras is not None and isinstance(raw, keras.Model):
            raw.predict = functools.partial(raw.predict, batch_size=KERAS_BATCH, verbose=0)
    return model


def _example(model: Any, inputs: str | None) -> str:
    """Answer the model's own input example, or some rows of a hold-out if it has none."""
    example = model.input_example
    if example is None and inputs:
        example = _read(inputs)
    if example is None:
        return "silent"
    model.predict(example)
    return "answered"


def _score(model: Any, inputs: str, answer: str) -> str:
    rows = _read(inputs)
    Path(answer).write_bytes(_vector(model.predict(rows), len(rows)).tobytes())
    return "scored"


def _read(path: str) -> Any:
    import pyarrow as pa

    with pa.memory_map(path) as source:
        return pa.ipc.open_file(source).read_all().to_pandas()


def _vector(output: Any, rows: int) -> Any:
    """One float64 per row, from an array, list, Series or one-column DataFrame. Raises _Unfit."""
    import numpy as np
    import pandas as pd

    if isinstance(output, pd.DataFrame):
        if output.shape[1] != 1:
            raise _Unfit(f"gave predictions in {output.shape[1]} columns, one is needed")
        output = output.iloc[:, 0]
    if isinstance(output, pd.Series) and pd.api.types.is_numeric_dtype(output):
        output = output.to_numpy(dtype="float64", na_value=np.nan)
    array = np.asarray(output)
    if array.dtype.kind not in "fiub":
        raise _Unfit(f"gave predictions of type {array.dtype}, numbers are needed")
    if array.ndim == 0 or array.shape[0] != rows or array.size != rows:
        raise _Unfit(f"gave predictions of shape {array.shape} for {rows:,} rows, one for each is needed")
    return array.reshape(rows).astype("<f8")


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:500]


def _say(status: Any, state: str, **more: Any) -> None:
    status.write(json.dumps({"state": state, **more}) + "\n")
