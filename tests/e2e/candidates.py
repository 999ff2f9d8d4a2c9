"""Makes one candidate elsewhere: its own process, plain MLflow, nothing of ours. Prints the version.

Usage: candidates.py TRACKING_URI MODEL KIND, where KIND is a function below.
"""

import logging
import os
import sys
import warnings

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

import mlflow  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from mlflow.models import infer_signature  # noqa: E402

COLUMNS = ["distance_km", "hour"]


def trips(rows=400):
    """The rule of the hold-out, on other rows."""
    draw = np.random.default_rng(1)
    frame = pd.DataFrame({"distance_km": draw.uniform(1, 20, rows), "hour": draw.integers(0, 24, rows)})
    return frame.astype({"hour": "float64"}), 2.5 + 2 * frame["distance_km"]


def straight_line():
    """Good: finds the rule, from few rows with noise."""
    from sklearn.linear_model import LinearRegression

    inputs, fares = trips(20)
    model = LinearRegression().fit(inputs, fares + np.random.default_rng(2).normal(0, 2, len(fares)))
    return mlflow.sklearn.log_model(
        model, name="model", signature=infer_signature(inputs, fares.to_numpy()), input_example=inputs[:2],
        pip_requirements=["scikit-learn"], serialization_format="cloudpickle",
    )  # fmt: skip


def unsigned():
    """Without a signature nobody knows what to feed it."""
    from sklearn.linear_model import LinearRegression

    inputs, fares = trips()
    model = LinearRegression().fit(inputs, fares)
    return mlflow.sklearn.log_model(
        model, name="model", pip_requirements=["scikit-learn"], serialization_format="cloudpickle"
    )


class Flat(mlflow.pyfunc.PythonModel):
    """The same fare for everybody."""

    def predict(self, context, model_input, params=None):  # noqa: ARG002
        return np.full(len(model_input), 20.0)


class Doubled(mlflow.pyfunc.PythonModel):
    """Twice the fare."""

    def predict(self, context, model_input, params=None):  # noqa: ARG002
        return 2 * (2.5 + 2 * model_input["distance_km"].to_numpy())


def _pyfunc(model):
    inputs, fares = trips()
    return mlflow.pyfunc.log_model(
        python_model=model, name="model", signature=infer_signature(inputs, fares.to_numpy()),
        input_example=inputs[:2], pip_requirements=["numpy"],
    )  # fmt: skip


def flat():
    return _pyfunc(Flat())


def doubled():
    return _pyfunc(Doubled())


def network():
    """Keras, one named input per column, trained to the rule."""
    import keras

    inputs, fares = trips(2000)
    named = {c: keras.Input((1,), name=c) for c in COLUMNS}
    joined = keras.layers.Concatenate()([named[c] for c in COLUMNS])
    model = keras.Model(named, keras.layers.Dense(1)(joined))
    model.compile(keras.optimizers.Adam(0.1), "mae")
    arrays = {c: inputs[[c]].to_numpy("float32") for c in COLUMNS}
    model.fit(arrays, fares.to_numpy("float32"), epochs=60, batch_size=100, verbose=0)
    model.layers[-1].set_weights([np.array([[2.0], [0.0]]), np.array([2.5])])
    return mlflow.tensorflow.log_model(
        model, name="model", signature=infer_signature(arrays, model.predict(arrays, verbose=0)),
        pip_requirements=["keras", "tensorflow"],
    )  # fmt: skip


def gone():
    """MLflow takes it and says READY; nothing is there."""


def main(uri, name, kind):
    mlflow.set_tracking_uri(uri)
    client = mlflow.MlflowClient()
    with mlflow.start_run() as run:
        logged = globals()[kind]()
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name)
    if logged is None:
        version = client.create_model_version(name, f"{run.info.artifact_uri}/nowhere", run.info.run_id)
    else:
        version = client.create_model_version(
            name, logged.model_uri, run.info.run_id, model_id=logged.model_id
        )
    sys.stdout.write(f"{version.version}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
