"""Logs versions of the taxi network to an MLflow server, each of other weights; they are hardly trained."""

import sys

import keras
import mlflow
import mlflow.tensorflow
import numpy as np
from keras import layers
from mlflow.models import ModelSignature
from mlflow.types import Schema, TensorSpec

COLUMNS = 14
UNITS = (256, 128, 64, 32, 16)


def network(seed: int) -> keras.Model:
    """Dense 256-128-64-32-16-1, normalised after each hidden layer."""
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((COLUMNS,))])
    for units in UNITS:
        model.add(layers.Dense(units, activation="relu"))
        model.add(layers.BatchNormalization())
    model.add(layers.Dense(1))
    model.compile("adam", "mse")
    rows = np.random.default_rng(seed).normal(size=(4096, COLUMNS))
    model.fit(rows, rows[:, 0], batch_size=512, verbose=0)
    return model


def main(url: str, name: str, count: int) -> None:
    """So many versions, from 1 on."""
    mlflow.set_tracking_uri(url)
    float32 = np.dtype("float32")
    rows, fares = TensorSpec(float32, (-1, COLUMNS)), TensorSpec(float32, (-1, 1))
    signature = ModelSignature(Schema([rows]), Schema([fares]))
    for seed in range(count):
        with mlflow.start_run():
            mlflow.tensorflow.log_model(
                network(seed), name="model", signature=signature, pip_requirements=["tensorflow"],
                registered_model_name=name,
            )  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
