"""Pictures of a sweep, as Optuna draws them, logged to its MLflow run."""

import warnings
from typing import Any

import matplotlib as mpl
import optuna
import sklearn.ensemble  # noqa: F401 Optuna needs it at the very end, when all wait for it
from mlflow import MlflowClient
from optuna.trial import TrialState
from optuna.visualization.matplotlib import plot_parallel_coordinate, plot_param_importances

_FEWEST = 2
"""Trials that came to their end: of fewer, there is nothing to compare."""


def log_pictures(client: MlflowClient, run_id: str, study: optuna.Study) -> None:
    """Which settings led where, and which of them mattered."""
    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if len({trial.value for trial in complete}) < _FEWEST:
        return
    mpl.use("Agg")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Optuna calls its pictures experimental, matplotlib their layout
        _log(client, run_id, plot_parallel_coordinate(study), "parallel_coordinates.png")
        _log(client, run_id, plot_param_importances(study), "importances.png")


def _log(client: MlflowClient, run_id: str, axes: Any, name: str) -> None:
    client.log_figure(run_id, axes.figure, name)
