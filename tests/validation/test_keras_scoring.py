"""Keras models are asked many rows at once, and answer what MLflow would have had them answer."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from validation.answers import Failed, Scored
from validation.sandbox import Sandbox
from validation.spares import BARE, KERAS, PLAIN, kind_of

pytestmark = pytest.mark.keras

ROWS = 20_001
COLUMNS = ("distance", "hour")

SAVE = """
import keras
import mlflow.pyfunc
import mlflow.tensorflow
import numpy as np
import pandas as pd
from keras import layers
from mlflow.models import ModelSignature
from mlflow.types import Schema, TensorSpec

keras.utils.set_random_seed(5)
float32 = np.dtype("float32")


def network(inputs, tensor):
    for units in (32, 16):
        tensor = layers.BatchNormalization()(layers.Dense(units, activation="relu")(tensor))
    return keras.Model(inputs, layers.Dense(1)(layers.Dropout(0.5)(tensor)))


def save(name, model, columns):
    signature = ModelSignature(Schema(columns), Schema([TensorSpec(float32, (-1, 1))]))
    mlflow.tensorflow.save_model(model, name, signature=signature, pip_requirements=[])
    rows = pd.read_parquet("rows.parquet")
    np.save(f"{name}.npy", np.ravel(mlflow.pyfunc.load_model(name).predict(rows)))


tensor = keras.Input((2,))
unnamed = [TensorSpec(float32, (-1, 2))]
save("unnamed", network(tensor, tensor), unnamed)
columns = {name: keras.Input((1,), name=name) for name in ("distance", "hour")}
each = [TensorSpec(float32, (-1, 1), name) for name in columns]
save("named", network(columns, layers.Concatenate()(list(columns.values()))), each)


def batchwise(name):
    tensor = keras.Input((2,))
    about = layers.Subtract()([tensor, keras.ops.mean(tensor, axis=0, keepdims=True)])
    signature = ModelSignature(Schema(unnamed))
    mlflow.tensorflow.save_model(
        keras.Model(tensor, layers.Dense(1)(about)), name, signature=signature, pip_requirements=[]
    )


batchwise("batchwise")
"""


@pytest.fixture(scope="module")
def rows():
    draw = np.random.default_rng(8)
    frame = {"distance": draw.uniform(0, 20, ROWS), "hour": draw.uniform(0, 24, ROWS)}
    return pd.DataFrame(frame).astype("float32")


@pytest.fixture(scope="module")
def saved(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("keras")
    rows.to_parquet(folder / "rows.parquet")
    subprocess.run([sys.executable, "-c", SAVE], check=True, capture_output=True, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def table(rows):
    return pa.Table.from_pandas(rows, preserve_index=False)


@pytest.mark.parametrize("name", ["unnamed", "named"])
def test_the_answers_are_those_of_mlflow_itself(saved, table, sandbox, name):
    scored = sandbox.run(saved / name, {"holdout": table}, calls={"few": [table.slice(0, 3)] * 7})
    assert isinstance(scored.scores["holdout"], Scored), scored.scores["holdout"]
    expected = np.load(saved / f"{name}.npy")
    scale = np.abs(expected).max()
    np.testing.assert_allclose(scored.scores["holdout"].predictions, expected, rtol=1e-6, atol=1e-6 * scale)
    for timed in scored.timings["few"].answers:
        np.testing.assert_allclose(timed, expected[:3], rtol=1e-6, atol=1e-6 * scale)


def test_a_model_whose_answers_depend_on_the_batch_is_found_out(saved, table, sandbox):
    failed = sandbox.run(saved / "batchwise", {"holdout": table}).scores["holdout"]
    assert isinstance(failed, Failed)
    assert "depend on the batch" in failed.reason


def test_what_the_last_model_needed_is_imported_ahead_for_the_next(saved, table):
    assert (kind_of(saved / "named"), kind_of(saved)) == (KERAS, BARE)
    with Sandbox(spares=1, threads=1) as sandbox:
        assert [spare.kind for spare in sandbox._spares._waiting] == [PLAIN]
        for _ in range(2):
            assert isinstance(sandbox.run(saved / "unnamed", {"holdout": table}).scores["holdout"], Scored)
            assert [spare.kind for spare in sandbox._spares._waiting] == [KERAS]
