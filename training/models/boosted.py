"""Gradient-boosted trees of scikit-learn on the same columns: the bar that networks are held against."""

import time
from collections.abc import Iterator

import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor

from training.epoch import Epoch, Tell, errors_of, insist
from training.etl.features import FEATURES
from training.fitted import Fitted
from training.models.network import Matrix
from training.plan import Plan
from training.rows import Rows


def boosted(train: Rows, validation: Rows, plan: Plan, tell: Tell) -> Fitted:
    """Fit a settled plan, a tree an epoch. It takes seconds, so no checkpoint is kept."""
    model = HistGradientBoostingRegressor(
        max_iter=plan.epochs, learning_rate=plan.learning_rate, random_state=plan.seed, early_stopping=False
    )
    model.fit(table(train.columns), train.fares)
    epochs = list(_epochs(model, validation, plan))
    for epoch in epochs:
        insist(epoch)
        tell(epoch)
    errors = {name: value for name, value in epochs[-1].metrics.items() if name != "val_loss"}
    return Fitted(model, lambda columns: model.predict(table(columns)), epochs, plan.epochs, errors)


def table(columns: Matrix) -> pd.DataFrame:
    """Named columns, as callers of the logged model send them."""
    return pd.DataFrame(columns, columns=list(FEATURES))


def _epochs(model: HistGradientBoostingRegressor, validation: Rows, plan: Plan) -> Iterator[Epoch]:
    for number, answers in enumerate(model.staged_predict(table(validation.columns)), start=1):
        errors = errors_of(answers, validation.fares)
        metrics = {"val_loss": errors["val_mse"], **errors}
        yield Epoch(number, plan.epochs, metrics, time.time_ns() // 1_000_000)
