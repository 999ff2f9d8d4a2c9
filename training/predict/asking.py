"""The consumer: asks whatever version is in service, and shows its answers beside the true fares.

Nothing here knows a network, a library or a version: `models:/NAME/Production` is all it takes.
"""

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any, Final

import click

from training.errors import TripsInvalid, told
from training.etl.columns import TARGET
from training.etl.features import FEATURES
from training.server import named, reach

_WIDTHS: Final = "{when:<19}  {distance_km:>8.2f}  {predicted:>9.2f}  {fare:>9.2f}"


def predict(model: str, data: Path, rows: int) -> dict[str, Any]:
    """Ask a model by its MLflow address about the first rows of a split that `training.etl` wrote.

    Raises TripsInvalid for a file that is no such split, RegistryUnavailable, RegistryRefused.
    """
    import mlflow
    import numpy as np
    import pandas as pd
    from mlflow.exceptions import MlflowException

    try:
        trips = pd.read_parquet(data).head(rows)
        asked = trips[list(FEATURES)]
    except (OSError, ValueError, KeyError) as error:
        raise TripsInvalid(f"{data} is no split written by `python -m training.etl`: {error}") from error
    try:
        served = mlflow.pyfunc.load_model(model)
        with contextlib.redirect_stdout(sys.stderr):  # some libraries draw progress bars there
            predicted = np.asarray(served.predict(asked), dtype="float64").ravel()
    except MlflowException as error:
        raise named(error, mlflow.get_tracking_uri()) from error
    shown = zip(trips["pickup_datetime"], trips["distance_km"], predicted, trips[TARGET], strict=True)
    return {
        "model": model,
        "run_id": served.metadata.run_id,
        "rows": [
            {"when": str(when), "distance_km": float(km), "predicted": float(dollars), "fare": float(fare)}
            for when, km, dollars, fare in shown
        ],
    }


@click.command(epilog="Example: python -m training.predict --data trips/holdout.parquet --rows 3")
@click.option(
    "--model", default="models:/taxi-fare/Production", show_default=True, help="MLflow address of the model."
)
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path),
    help="Split that the ETL wrote: a file, or Spark's folder of them.",
)
@click.option(
    "--rows", default=5, show_default=True, type=click.IntRange(min=1), help="How many trips to ask about."
)
@click.option(
    "--tracking-uri", envvar="MLFLOW_TRACKING_URI", default="", help="MLflow; default: MLFLOW_TRACKING_URI."
)
@click.option("--json", "as_json", is_flag=True, help="Print the answers as JSON.")
def main(tracking_uri: str, as_json: bool, **words: Any) -> None:
    """Predict fares with the model in service and show them beside the true ones."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    with told():
        reach(tracking_uri)
        if tracking_uri:
            import mlflow

            mlflow.set_tracking_uri(tracking_uri)
        answer = predict(**words)
    click.echo(json.dumps(answer) if as_json else _table(answer))


def _table(answer: dict[str, Any]) -> str:
    served = f"{answer['model']} (run {answer['run_id']})"
    head = f"{'pickup':<19}  {'km':>8}  {'predicted':>9}  {'true fare':>9}"
    return "\n".join([served, head, *(_WIDTHS.format(**row) for row in answer["rows"])])


if __name__ == "__main__":
    main()
