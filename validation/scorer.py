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
    """The model answered with something else than was asked for."""


class _Unclear(Exception):
    """The model answered, and nobody can know which class is meant."""


class _Newer(Exception):
    """The model could not be loaded, and a later MLflow than this one logged it."""


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
    except _Newer as newer:
        say("newer", error=str(newer))
        return 1
    except BaseException as error:  # noqa: BLE001 a model may raise anything: it is told, not hidden
        say("ended", error=_told(error))
        return 1
    return 0  # the parent needs no spare, or no answer, any more


def _attempt(step: Callable[[], str], say: Any) -> None:
    try:
        state = step()
    except _Unfit as unfit:
        say("unfit", error=str(unfit))
    except _Unclear as unclear:
        say("unclear", error=str(unclear))
    except Exception as error:  # noqa: BLE001 the same, and the next step is still taken
        say("raised", error=_told(error))
    else:
        say(state)


class _Model:
    """What was loaded; `large` stands in for its `predict` if it is Keras's."""

    def __init__(self, path: str) -> None:
        import mlflow.pyfunc

        try:
            self.pyfunc = mlflow.pyfunc.load_model(path, suppress_warnings=True)
        except Exception as error:
            if logged := _later_mlflow(path):
                told = f"it was logged by MLflow {logged}, and here is {mlflow.__version__}: {_told(error)}"
                raise _Newer(told) from error
            raise
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


def _later_mlflow(path: str) -> str | None:
    """The version of MLflow that logged the model, if that is a later one than this."""
    import yaml
    from mlflow import __version__
    from packaging.version import InvalidVersion, Version

    try:
        logged = str(yaml.safe_load(Path(path, "MLmodel").read_text(encoding="utf-8"))["mlflow_version"])
        return logged if Version(logged) > Version(__version__) else None
    except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError, InvalidVersion):
        return None


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
    Path(step["answer"]).write_bytes(_answers(answer, len(rows), step.get("classes")).tobytes())
    return "scored"


def _read(path: str) -> Any:
    import pyarrow as pa

    with pa.memory_map(path) as source:
        return pa.ipc.open_file(source).read_all().to_pandas()


def _answers(output: Any, rows: int, classes: dict[str, Any] | None = None) -> Any:
    """Float64 of shape (rows,), or (rows, columns) of at least two. Raises _Unfit, _Unclear.

    From an array, list, Series or DataFrame. Where the target is of `classes`, labels become their places.
    """
    import numpy as np

    output, columns = _without_frame(output)
    array = np.asarray(output)
    if array.ndim == 2 and array.shape[1] == 1:  # noqa: PLR2004 rows and columns
        array = array[:, 0]
    numbers = array.dtype.kind in "fiub"
    if not numbers and (classes is None or array.dtype.kind not in "OUST" or array.ndim != 1):
        raise _Unfit(f"gave predictions of type {array.dtype}, numbers are needed")
    if array.ndim not in (1, 2) or array.shape[0] != rows or (array.ndim == 2 and not array.shape[1]):  # noqa: PLR2004
        raise _Unfit(f"gave predictions of shape {array.shape} for {rows:,} rows, one for each is needed")
    if array.ndim == 2:  # noqa: PLR2004
        array = array if classes is None else _in_order(array, columns, classes)
    elif classes is not None:
        array = _places(array, classes, numbers=numbers)
    return np.ascontiguousarray(array, dtype="<f8")


def _without_frame(output: Any) -> tuple[Any, list[str] | None]:
    """Plain values, and the names of the columns if there are several."""
    import numpy as np
    import pandas as pd

    columns = None
    if isinstance(output, pd.DataFrame):
        if output.shape[1] > 1:
            columns = [_class_name(column) for column in output.columns]
            return output.to_numpy(), columns
        output = output.iloc[:, 0]
    if isinstance(output, pd.Series) and pd.api.types.is_numeric_dtype(output):
        output = output.to_numpy(dtype="float64", na_value=np.nan)
    return output, columns


def _in_order(array: Any, columns: list[str] | None, classes: dict[str, Any]) -> Any:
    """The columns as the classes stand: by their names, or as they are where the policy names the classes."""
    names = classes["names"]
    if classes["answers"] == "labels":
        raise _Unfit(f"gave {array.shape[1]} figures a row, and its policy says that it answers labels")
    if columns is not None and sorted(columns) == sorted(names):
        return array[:, [columns.index(name) for name in names]]
    if not classes["declared"]:
        raise _Unclear(f"gave {array.shape[1]} figures a row, without the classes' names as columns")
    if array.shape[1] != len(names):
        raise _Unfit(f"gave {array.shape[1]} figures a row, and there are {len(names)} classes")
    return array


def _places(array: Any, classes: dict[str, Any], *, numbers: bool) -> Any:
    """One answer a row: the places of labels, or probabilities of the last of two classes."""
    import numpy as np
    import pandas as pd

    names, answers = classes["names"], classes["answers"]
    likely = numbers and len(names) == 2 and bool(((array >= 0) & (array <= 1)).all())  # noqa: PLR2004 classes
    codes, found = pd.factorize(array, use_na_sentinel=False)
    labels = [_class_name(label) for label in found]
    strange = next((label for label in labels if label not in names), None)
    if answers == "probabilities" and not likely:
        raise _Unfit(
            f"gave {labels[0][:40]!r}, and its policy says that it answers probabilities of two classes"
        )
    if answers == "probabilities" or (
        strange is not None and likely and classes["declared"] and answers is None
    ):
        return array.astype(float)
    if strange is None or (not numbers and not classes["declared"]):
        places = [names.index(label) if label in names else -1 for label in labels]
        return np.array(places, dtype=float)[codes]
    if not classes["declared"]:
        raise _Unclear(f"gave numbers such as {strange[:20]}, and the target is text")
    raise _Unfit(f"gave {strange[:40]!r}, which is none of the classes {', '.join(names[:10])}")


def _class_name(value: Any) -> str:
    """As a policy calls it: 2, 2.0 and "2" are one class."""
    import numpy as np

    if isinstance(value, (bool, int, float, np.bool_, np.integer, np.floating)):
        number = float(value)
        return str(int(number)) if number.is_integer() else repr(number)
    return str(value)


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:500]


def _say(status: Any, state: str, **more: Any) -> None:
    status.write(json.dumps({"state": state, **more}) + "\n")
