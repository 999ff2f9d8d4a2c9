"""Models as teams save them, through MLflow's own flavours, measured in the real sandbox."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from policies.evidence.comparison import Comparison, ComparisonNeed
from policies.evidence.loading import Loading, LoadNeed
from policies.evidence.measurement import MetricNeed
from registry.words import Column, Signature
from validation.asking import ModelFiles
from validation.holdout import read_holdout
from validation.measure import measure

NEEDS = (
    LoadNeed(within_s=60),
    MetricNeed(metric="rmse", dataset="holdout"),
    ComparisonNeed(metric="mae", dataset="holdout"),
)

FARES = """
import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel


class Fares(PythonModel):
    def predict(self, context, model_input, params=None):
        assert str(model_input["zone"].iloc[0]) in {"jfk", "soho"}
        return pd.DataFrame({"fare": 3.0 + 1.5 * model_input["distance"]})


set_model(Fares())
"""

SAVE_SKLEARN_AND_PYFUNC = """
import mlflow.pyfunc
import mlflow.sklearn
import numpy as np
import pandas as pd
from mlflow.models import infer_signature
from sklearn.linear_model import LinearRegression

rows = pd.DataFrame({"distance": [1.0, 2.0, 5.0], "hour": [3.0, 9.0, 7.0], "zone": ["jfk", "soho", "jfk"]})
fares = 2.5 + 1.5 * rows["distance"].to_numpy()
numbers = rows[["distance", "hour"]]
mlflow.sklearn.save_model(
    LinearRegression().fit(numbers, fares), "sklearn", pip_requirements=[],
    signature=infer_signature(numbers, fares), input_example=numbers.head(2),
)
mlflow.pyfunc.save_model(
    "pyfunc", python_model="fares.py", pip_requirements=[],
    signature=infer_signature(rows[["distance", "zone"]], fares),
)
"""

SAVE_KERAS = """
import keras
import mlflow.tensorflow
import numpy as np
from mlflow.models import infer_signature

inputs = {name: keras.Input((1,), name=name) for name in ("distance", "hour")}
dense = keras.layers.Dense(1)
model = keras.Model(inputs, dense(keras.layers.Concatenate()([inputs["distance"], inputs["hour"]])))
dense.set_weights([np.array([[1.5], [0.0]]), np.array([2.5])])
rows = {name: np.ones((3, 1), dtype=np.float32) for name in inputs}
signature = infer_signature(rows, model.predict(rows, verbose=0))
mlflow.tensorflow.save_model(model, "keras", signature=signature, pip_requirements=[])
"""


@pytest.fixture(scope="module")
def holdout(tmp_path_factory):
    draw = np.random.default_rng(7)
    frame = pd.DataFrame({"distance": draw.uniform(0, 20, 9000), "hour": draw.integers(0, 24, 9000)})
    frame["zone"] = draw.choice(["jfk", "soho"], 9000)
    frame["fare"] = 2.5 + 1.5 * frame["distance"] + draw.normal(0, 0.3, 9000)
    path = tmp_path_factory.mktemp("holdout") / "trips.parquet"
    frame.to_parquet(path)
    return read_holdout(path, name="holdout", target="fare")


def signature_of(**types):
    return Signature(inputs=tuple(Column(name=name, type=kind) for name, kind in types.items()))


def save(folder, code):
    """As teams do: from a process of their own."""
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd=folder)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    (folder / "fares.py").write_text(FARES)
    save(folder, SAVE_SKLEARN_AND_PYFUNC)
    return folder


@pytest.fixture(scope="module")
def linear(saved):
    return ModelFiles(saved / "sklearn", signature_of(distance="double", hour="double"))


def test_a_scikit_learn_model_is_measured_and_equals_itself(holdout, linear, sandbox):
    findings, digests = measure(NEEDS, linear, linear, {"holdout": lambda: holdout}, sandbox=sandbox)
    assert isinstance(findings["loads"], Loading)
    assert findings["loads"].answered
    assert findings["rmse on holdout"].value == pytest.approx(0.3, rel=0.05)
    compared = findings["mae against champion on holdout"]
    assert (compared.log_ratio, compared.se, compared.rows) == (0.0, 0.0, 9000)
    assert digests == {"holdout": holdout.digest}


def test_a_pyfunc_class_with_text_inputs_is_compared_with_it(holdout, linear, saved, sandbox):
    candidate = ModelFiles(saved / "pyfunc", signature_of(distance="double", zone="string"))
    findings, _ = measure(NEEDS, candidate, linear, {"holdout": lambda: holdout}, sandbox=sandbox)
    assert findings["loads"].answered
    assert findings["rmse on holdout"].value == pytest.approx(np.hypot(0.3, 0.5), rel=0.05)
    compared = findings["mae against champion on holdout"]
    assert isinstance(compared, Comparison)
    assert compared.log_ratio > 10 * compared.se


@pytest.mark.keras
def test_a_keras_model_with_named_tensors_is_compared_with_it(holdout, linear, sandbox, tmp_path):
    save(tmp_path, SAVE_KERAS)
    inputs = tuple(Column(name=name, type="float32", shape=(-1, 1)) for name in ("distance", "hour"))
    candidate = ModelFiles(tmp_path / "keras", Signature(inputs=inputs))
    findings, _ = measure(NEEDS, candidate, linear, {"holdout": lambda: holdout}, sandbox=sandbox)
    assert findings["loads"].answered
    compared = findings["mae against champion on holdout"]
    assert compared.rows == 9000
    assert compared.candidate == pytest.approx(compared.champion, rel=0.05)


SAVE_CLASSIFIERS = """
import mlflow.sklearn
import numpy as np
import pandas as pd
from mlflow.models import infer_signature
from sklearn.linear_model import LogisticRegression

draw = np.random.default_rng(1)
rows = pd.DataFrame({"distance": draw.uniform(0, 20, 500), "noise": draw.uniform(0, 20, 500)})
for name, column in (("good", "distance"), ("blind", "noise")):
    model = LogisticRegression().fit(rows[[column]], (rows["distance"] > 10).astype(float))
    signature = infer_signature(rows[[column]], model.predict(rows[[column]]))
    mlflow.sklearn.save_model(model, name, signature=signature, pip_requirements=["scikit-learn"])
"""


def test_classifiers_are_compared_by_whole_days(sandbox, tmp_path):
    save(tmp_path, SAVE_CLASSIFIERS)
    draw = np.random.default_rng(2)
    frame = pd.DataFrame({"distance": draw.uniform(0, 20, 800), "noise": draw.uniform(0, 20, 800)})
    frame["far"] = (frame["distance"] + draw.normal(0, 1, 800) > 10).astype(int)
    frame["when"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(800) // 20, unit="D")
    frame.to_parquet(tmp_path / "trips.parquet")
    rows = read_holdout(tmp_path / "trips.parquet", name="holdout", target="far", day="when")
    names = ("accuracy", "balanced_accuracy", "auc", "log_loss")
    needs = [ComparisonNeed(metric=name, dataset="holdout") for name in names]
    good = ModelFiles(tmp_path / "good", signature_of(distance="double"))
    blind = ModelFiles(tmp_path / "blind", signature_of(noise="double"))
    findings, _ = measure(needs, good, blind, {"holdout": lambda: rows}, sandbox=sandbox)
    for name, need in zip(names, needs, strict=True):
        found = findings[need.key]
        towards = -1 if name == "log_loss" else 1
        assert towards * found.log_ratio > 5 * found.se
        assert (found.rows, found.days) == (800, 40)
        assert found.resampled.low < found.log_ratio < found.resampled.high
    accuracy = findings[needs[0].key]
    gained = accuracy.discordant.candidate - accuracy.discordant.champion
    assert gained == pytest.approx(800 * (accuracy.candidate - accuracy.champion))
