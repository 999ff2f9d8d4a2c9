"""Models on disk for the sandbox: real ones saved by MLflow, and bare ones made of a few lines of Python."""

import json
import textwrap

import numpy as np
import pandas as pd
import pytest

from registry.words import Column, Signature
from validation.sandbox import Sandbox

COLUMNS = ("distance", "hour")
SIGNATURE = Signature(inputs=tuple(Column(name=name, type="double") for name in COLUMNS))


def frame_of(rows=40, seed=3):
    draw = np.random.default_rng(seed)
    return pd.DataFrame({"distance": draw.uniform(0, 20, rows), "hour": draw.uniform(0, 24, rows)})


def indented(code, width):
    return textwrap.indent(textwrap.dedent(code).strip(), " " * width)


def write_bare_model(folder, predict, *, load=""):
    """An MLmodel folder whose predict is `predict`: the least that MLflow loads, without importing MLflow."""
    (folder / "code").mkdir(parents=True)
    module = f"bare_{folder.name}"
    code = (
        "import os, sys, time, signal, pathlib\nimport numpy as np\nimport pandas as pd\n\n\nclass Model:\n"
    )
    code += "    def predict(self, data):\n" + indented(predict, 8)
    code += "\n\n\ndef _load_pyfunc(path):\n" + indented(load, 4) + "\n    return Model()\n"
    (folder / "code" / f"{module}.py").write_text(code)
    inputs = json.dumps([{"type": "double", "name": name, "required": True} for name in COLUMNS])
    flavor = {"python_function": {"loader_module": module, "code": "code"}}
    signature = {"inputs": inputs, "outputs": None, "params": None}
    (folder / "MLmodel").write_text(json.dumps({"flavors": flavor, "signature": signature}))
    return folder


@pytest.fixture
def signature():
    return SIGNATURE


@pytest.fixture
def frame():
    return frame_of()


@pytest.fixture
def bare_model(tmp_path):
    def write(predict, *, load="", name="model"):
        return write_bare_model(tmp_path / name, predict, load=load)

    return write


@pytest.fixture(scope="session")
def sandbox():
    # None waits ahead: what waits when the last test is over, or was made ready for another kind, is lost.
    with Sandbox(spares=0, threads=1) as sandbox:
        yield sandbox


@pytest.fixture
def holdout_file(tmp_path):
    """40 rows, whose target is 2.5 + 1.5 * distance and a little noise."""
    frame = frame_of()
    frame["fare"] = 2.5 + 1.5 * frame["distance"] + np.random.default_rng(4).normal(0, 0.3, len(frame))
    path = tmp_path / "holdout.csv"
    frame.to_csv(path, index=False)
    return path
