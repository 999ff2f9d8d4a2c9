"""Two linear models of scikit-learn, as MLflow saves them, for benchmarks of what surrounds a model."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from registry.mlflow_facts import read_mlmodel
from registry.words import ModelVersion, Stage
from validation.asking import ModelFiles


def linear_models(folder: Path, columns: Sequence[str]) -> tuple[ModelFiles, ModelFiles]:
    """Fitted to a few rows each, below `folder`."""
    first, second = (_saved(folder / name, columns, seed) for seed, name in enumerate(("one", "two")))
    return first, second


def _saved(path: Path, columns: Sequence[str], seed: int) -> ModelFiles:
    import mlflow.sklearn
    from mlflow.models import infer_signature
    from sklearn.linear_model import LinearRegression

    draw = np.random.default_rng(seed)
    rows = pd.DataFrame({name: draw.normal(size=500).astype("float32") for name in columns})
    target = rows.sum(axis=1) + draw.normal(size=500)
    model = LinearRegression().fit(rows, target)
    signature = infer_signature(rows, model.predict(rows))
    mlflow.sklearn.save_model(model, path, signature=signature, pip_requirements=[])
    version = ModelVersion.model_construct(name=path.name, version=1, stage=Stage.NONE)
    return ModelFiles(path, read_mlmodel((path / "MLmodel").read_text(encoding="utf-8"), version)[0])
