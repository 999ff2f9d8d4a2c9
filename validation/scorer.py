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
KERAS_BATCH = 8192
"""Rows at once: more are hardly faster, and their activations take memory."""


class _Unfit(Exception):
    """The model answered with something else than one number per row."""


def main(terms: dict[str, Any]) -> int:
    """Warm up, then take steps until there are no more."""
    status = os.fdopen(terms["status"], "w", buffering=1)
    say = functools.partial(_say, status)
    _warm_up(terms["ahead"])
    say("ready", measures=terms["measures"])
    with os.fdopen(os.dup(0), "rb") as steps:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # a model that reads stdin gets none of them
        return _obey(steps, say)


def _warm_up(ahead: Iterable[str]) -> None:
    """Import ahead what nearly every model needs, and what this one is expected to.

    From here on nothing is written beside the sources.
    """
    for name in WARM:
        importlib.import_module(name)
    for name in (*WARM_IF_THERE, *ahead):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    if "keras" in sys.modules:
        _try_out(sys.modules["keras"])
    sys.dont_write_bytecode = True


def _try_out(keras: Any) -> None:
    """A model of our own: the first one starts TensorFlow's threads and imports the rest of it."""
    import numpy as np

    tiny = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    _Large(tiny, keras)(np.zeros((1, 1), dtype="float32"))
    keras.utils.clear_session()


def _obey(steps: Iterable[bytes], say: Any) -> int:
    """Each step ends in one status. An ordinary exception costs its step; loading, or any other, the run."""
    model = None
    try:
        for line in steps:
            step = json.loads(line)
            if model is None:
                model = _Model(step["load"])
                say("loaded")
            elif "answer" in step:
                _attempt(functools.partial(_score, model, step), say)
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


class _Model:
    """What was loaded; `large` stands in for its `predict` if it is Keras's."""

    def __init__(self, path: str) -> None:
        import mlflow.pyfunc

        self.pyfunc = mlflow.pyfunc.load_model(path, suppress_warnings=True)
        self.large: _Large | None = None
        if {"tensorflow", "keras"} & set(self.pyfunc.metadata.flavors):
            raw = self.pyfunc.get_raw_model()
            keras = sys.modules.get("keras")
            if keras is not None and isinstance(raw, keras.Model):
                raw.predict = self.large = _Large(raw, keras)

    def answer(self, rows: Any, *, served: bool = False) -> Any:
        """As MLflow serving checks and casts its inputs; `served`: also as slowly as it would answer."""
        if self.large is not None:
            self.large.served = served
        return self.pyfunc.predict(rows)


class _Large:
    """In place of a Keras model's `predict`, which MLflow asks 32 rows at a time: what it does, many at once.

    The same `predict_step`, compiled once for any number of rows, and nothing in between.
    """

    def __init__(self, raw: Any, keras: Any) -> None:
        self.served = False
        self._raw = raw
        self._predict = raw.predict
        self._steps: dict[str, Any] = {}
        self._plain = _as_keras_made_it(raw, keras)
        self._floats = keras.backend.floatx() if self._plain else None

    def __call__(self, data: Any) -> Any:
        import numpy as np
        import tensorflow as tf

        arrays = tf.nest.flatten(data)
        numbers = all(isinstance(array, np.ndarray) and array.dtype.kind in "fiub" for array in arrays)
        if self.served:
            return self._predict(data, verbose=0)
        if not (self._plain and numbers and len(arrays[0])):
            return self._predict(data, batch_size=KERAS_BATCH, verbose=0)
        data = tf.nest.map_structure(self._cast, data)
        step = self._step(data)
        answers = [step(_cut(data, start)) for start in range(0, len(arrays[0]), KERAS_BATCH)]
        return tf.nest.map_structure(
            lambda *parts: np.concatenate([each.numpy() for each in parts]), *answers
        )

    def _cast(self, array: Any) -> Any:
        """Floats as Keras takes them."""
        return array.astype(self._floats, copy=False) if array.dtype.kind == "f" else array

    def _step(self, data: Any) -> Any:
        import tensorflow as tf

        rows = tf.nest.map_structure(lambda array: tf.TensorSpec((None, *array.shape[1:]), array.dtype), data)
        if str(rows) not in self._steps:
            ask = tf.function(lambda batch: self._raw.predict_step((batch,)), input_signature=[rows])
            self._steps[str(rows)] = ask
        return self._steps[str(rows)]


def _as_keras_made_it(raw: Any, keras: Any) -> bool:
    """Whether its `predict` is its `predict_step`, compiled; teams may have written another."""
    ways = ("predict", "make_predict_function")
    plain = all(getattr(type(raw), way) is getattr(keras.Model, way) for way in ways)
    return plain and not raw.run_eagerly and keras.backend.backend() == "tensorflow"


def _cut(data: Any, start: int) -> Any:
    import tensorflow as tf

    return tf.nest.map_structure(lambda array: array[start : start + KERAS_BATCH], data)


def _example(model: _Model, inputs: str | None) -> str:
    """Answer the model's own input example, or some rows of a hold-out if it has none."""
    example = model.pyfunc.input_example
    if example is None and inputs:
        example = _read(inputs)
    if example is None:
        return "silent"
    model.answer(example)
    return "answered"


def _score(model: _Model, step: dict[str, Any]) -> str:
    rows = _read(step["inputs"])
    answer = model.answer(rows, served=step["timed"])
    Path(step["answer"]).write_bytes(_vector(answer, len(rows)).tobytes())
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
