"""Fits a network to rows of trips: fixed seed, best epoch kept, stopped at the first loss that is no number.

Knows nothing of MLflow: whoever calls is told of every epoch.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import keras
import numpy as np

from training.errors import LossInvalid, TripsInvalid
from training.etl.columns import TARGET
from training.etl.features import FEATURES
from training.etl.folder import parts
from training.network import NETWORKS, Fares, Inputs, build
from training.plan import Plan

_PATIENCE: Final = 12
"""Epochs without a better validation loss before fitting stops."""


@dataclass(frozen=True)
class Rows:
    """Trips as a network takes them."""

    inputs: Inputs
    fares: Fares

    def __len__(self) -> int:
        return len(self.fares)

    def some(self, limit: int, seed: int) -> "Rows":
        """Draw at most `limit` of them, the same ones for the same seed; 0 is all."""
        if not 0 < limit < len(self):
            return self
        chosen = np.random.default_rng(seed).permutation(len(self))[:limit]
        return Rows({name: column[chosen] for name, column in self.inputs.items()}, self.fares[chosen])


@dataclass(frozen=True)
class Epoch:
    """How one epoch went: `metrics` are Keras's, in dollars but for the loss; `number` counts from 1."""

    number: int
    of: int
    metrics: dict[str, float]


@dataclass(frozen=True)
class Fitted:
    """A network with the weights of its best epoch, and its error on the validation rows in dollars."""

    network: Any
    best_epoch: int
    val_rmse: float
    val_mae: float


def load(parquet: Path) -> Rows:
    """Read one split as `training.etl` wrote it. Raises TripsInvalid where it is not such a file."""
    try:
        with duckdb.connect() as db:
            columns = (
                db.read_parquet([str(part) for part in parts(parquet)]).select(*FEATURES, TARGET).fetchnumpy()
            )
    except duckdb.Error as error:
        raise TripsInvalid(f"{parquet} is no split of trips: {str(error).splitlines()[0]}") from error
    shaped = {name: np.asarray(column, dtype="float32").reshape(-1, 1) for name, column in columns.items()}
    return Rows({name: shaped[name] for name in FEATURES}, shaped[TARGET])


def fit(train: Rows, validation: Rows, plan: Plan, tell: Callable[[Epoch], None]) -> Fitted:
    """Fit a settled plan; the same rows and plan give the same network. Raises LossInvalid."""
    keras.utils.set_random_seed(plan.seed)
    network = build(plan.kind, train.inputs, train.fares)
    steps = plan.epochs * math.ceil(len(train) / plan.batch_size)
    network.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(plan.learning_rate, steps)),
        loss=NETWORKS[plan.kind].loss(),
        metrics=[
            keras.metrics.RootMeanSquaredError(name="rmse"),
            keras.metrics.MeanAbsoluteError(name="mae"),
        ],
    )
    stopper = keras.callbacks.EarlyStopping(patience=_PATIENCE, restore_best_weights=True)
    network.fit(
        train.inputs,
        train.fares,
        batch_size=plan.batch_size,
        epochs=plan.epochs,
        validation_data=(validation.inputs, validation.fares),
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=_teller(plan.epochs, tell)), stopper],
        verbose=0,
    )
    return _scored(network, stopper.best_epoch + 1, validation)


def _teller(of: int, tell: Callable[[Epoch], None]) -> Callable[[int, dict[str, float]], None]:
    def ended(index: int, logs: dict[str, float]) -> None:
        metrics = {name: float(value) for name, value in logs.items()}
        wild = [name for name, value in metrics.items() if not math.isfinite(value)]
        if wild:
            raise LossInvalid(
                f"{' and '.join(wild)} became {metrics[wild[0]]} in epoch {index + 1} of {of}: stopped,"
                " nothing registered; a smaller --learning-rate usually helps"
            )
        tell(Epoch(index + 1, of, metrics))

    return ended


def _scored(network: Any, best_epoch: int, validation: Rows) -> Fitted:
    error = network.predict(validation.inputs, batch_size=8192, verbose=0) - validation.fares
    error = error.astype("float64")
    return Fitted(network, best_epoch, float(np.sqrt(np.mean(error**2))), float(np.mean(np.abs(error))))
