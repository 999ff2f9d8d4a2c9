"""Runs inside the sandbox's process, and nowhere else: loads one model, and takes one step after the other.

Run by `validation.confine` in a clean environment, so it imports nothing of this product but two modules that
import nothing more; a model's own environment needs MLflow, pandas and PyArrow only. It warms up first, then
waits for steps on stdin. Those, and all that it says on a pipe of its own, are one JSON object a line;
predictions go to files as raw float64.
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

from validation.large_batches import Large
from validation.plain_answers import Unclear, Unfit, plain_answers

WARM = ("numpy", "pandas", "pyarrow", "mlflow.pyfunc")


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
    for name in ahead:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    if "keras" in sys.modules:
        _try_out(sys.modules["keras"])
    sys.dont_write_bytecode = True


def _try_out(keras: Any) -> None:
    """A model of our own: the first one starts TensorFlow's threads and imports the rest of it."""
    import numpy as np

    tiny = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    Large(tiny, keras)(np.zeros((1, 1), dtype="float32"))
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
    except Unfit as unfit:
        say("unfit", error=str(unfit))
    except Unclear as unclear:
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
        self.large: Large | None = None
        if {"tensorflow", "keras"} & set(self.pyfunc.metadata.flavors):
            raw = self.pyfunc.get_raw_model()
            keras = sys.modules.get("keras")
            if keras is not None and isinstance(raw, keras.Model):
                raw.predict = self.large = Large(raw, keras)

    def answer(self, rows: Any, *, served: bool = False) -> Any:
        """As MLflow serving checks and casts its inputs; `served`: also as slowly as it would answer."""
        if self.large is not None:
            self.large.served = served
        return self.pyfunc.predict(rows)


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
    Path(step["answer"]).write_bytes(plain_answers(answer, len(rows), step.get("classes")).tobytes())
    return "scored"


def _read(path: str) -> Any:
    import pyarrow as pa

    with pa.memory_map(path) as source:
        return pa.ipc.open_file(source).read_all().to_pandas()


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:500]


def _say(status: Any, state: str, **more: Any) -> None:
    status.write(json.dumps({"state": state, **more}) + "\n")
