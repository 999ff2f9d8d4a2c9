"""Logs a fitted model with signature, example and pinned packages; MLflow would guess them for seconds."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import mlflow
import mlflow.tensorflow
import numpy as np
import pandas as pd
from mlflow.models import infer_signature

from training.etl.features import FEATURES
from training.fitted import Fitted
from training.models.network import named
from training.plan import Plan
from training.rows import Rows

EXAMPLE_FILE: Final = "example.json"
_EXAMPLE_ROWS: Final = 3
_WIDTH: Final = 120
"""Of a summary of layers, in characters."""


def log_model(fitted: Fitted, plan: Plan, train: Rows, requirements: list[str]) -> str:
    """Log the model under the active run, and an example of rows with its answers; its id comes back."""
    rows = train.columns[:_EXAMPLE_ROWS]
    example, answers = pd.DataFrame(rows, columns=list(FEATURES)), fitted.predict(rows)
    mlflow.log_dict({"rows": example.to_dict("records"), "dollars": answers.tolist()}, EXAMPLE_FILE)
    if plan.kind == "boosted":
        from mlflow.sklearn import log_model as log_forest  # networks need not wait for it

        logged: Any = log_forest(
            fitted.model,
            name="model",
            signature=infer_signature(example, answers),
            input_example=example,
            pip_requirements=requirements,
            skops_trusted_types=_own_types(fitted.model),
        )
        return str(logged.model_id)
    logged = mlflow.tensorflow.log_model(
        fitted.model,
        name="model",
        signature=infer_signature(named(rows), np.asarray(answers, "float32").reshape(-1, 1)),
        input_example=example,
        pip_requirements=requirements,
    )
    return str(logged.model_id)


def _own_types(model: Any) -> list[str]:
    """Name the types that skops does not know: this process made them, none came from outside."""
    from skops.io import dumps, get_untrusted_types

    types: list[str] = get_untrusted_types(data=dumps(model))
    return types


def summary_of(fitted: Fitted, plan: Plan) -> str:
    """Layers and weights of a network, parameters of a forest."""
    if plan.kind == "boosted":
        return f"{fitted.model!r}\n"
    lines: list[str] = []
    with _wide():
        fitted.model.summary(print_fn=lines.append, expand_nested=True, line_length=_WIDTH)
    return "\n".join(lines) + "\n"


@contextmanager
def _wide() -> Iterator[None]:
    """Keras cuts its lines at the width of a terminal, 80 where there is none, wherever they are written."""
    before = os.environ.get("COLUMNS", "")
    os.environ["COLUMNS"] = str(_WIDTH)
    try:
        yield
    finally:
        os.environ["COLUMNS"] = before  # nothing, to those who ask, is as if it were not there
