"""The consumer that never restarts: it follows promotions, and the old version answers meanwhile.

`python -m training.predict.following --data holdout.parquet` shows it; a service keeps one `Following`.
"""

import contextlib
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from registry.errors import RegistryUnavailable
from training.devices import quiet
from training.errors import TripsInvalid, told
from training.etl.features import FEATURES
from training.server import named, reach

Answer = Callable[[Any], NDArray[Any]]


@dataclass
class Following:
    """The model in service. `in_service` names its version, None where there is none; `load` fetches one.

    Both may raise RegistryUnavailable: then the version that is here goes on answering.
    """

    in_service: Callable[[], int | None]
    load: Callable[[int], Answer]
    version: int | None = None
    _answer: Answer | None = None

    def look(self) -> bool:
        """Take over a version that was put in service; whether there was one."""
        try:
            version = self.in_service()
            if version in (None, self.version):
                return False
            answer = self.load(version)
        except RegistryUnavailable:
            if self.version is None:
                raise
            return False
        self.version, self._answer = version, answer
        return True

    def answer(self, rows: Any) -> NDArray[Any]:
        """Ask the version that is here. Raises RegistryUnavailable where none ever was."""
        if self._answer is None:
            raise RegistryUnavailable("no version is in service yet: promote one")
        return self._answer(rows)


def following(name: str, uri: str) -> Following:
    """Follow what MLflow says is in Production. Raises RegistryUnavailable, RegistryRefused."""
    import mlflow
    from mlflow.exceptions import MlflowException

    mlflow.set_tracking_uri(uri)
    try:
        client = mlflow.MlflowClient(uri)
    except MlflowException as error:
        raise named(error, uri) from error

    def in_service() -> int | None:
        try:
            found = client.search_model_versions(f"name = '{name}'")
        except MlflowException as error:
            raise named(error, uri) from error
        live = [int(each.version) for each in found if each.current_stage == "Production"]
        return max(live, default=None)

    def load(version: int) -> Answer:
        try:
            model = mlflow.pyfunc.load_model(f"models:/{name}/{version}")
        except MlflowException as error:
            raise named(error, uri) from error
        return lambda rows: np.asarray(model.predict(rows), dtype="float64").ravel()

    return Following(in_service, load)


@click.command(epilog="Example: python -m training.predict.following --data trips/holdout.parquet")
@click.option("--data", required=True, type=click.Path(path_type=Path), help="Parquet that the ETL wrote.")
@click.option("--name", default="taxi-fare", show_default=True, help="Registered model.")
@click.option("--every", default=5.0, show_default=True, type=click.FloatRange(min=0), help="Seconds.")
@click.option("--times", default=0, type=click.IntRange(min=0), help="How often; 0 until Ctrl-C.")
@click.option("--tracking-uri", envvar="MLFLOW_TRACKING_URI", required=True, help="MLflow.")
def main(data: Path, name: str, every: float, times: int, tracking_uri: str) -> None:
    """Predict the same trips again and again, with whatever version is in service by then."""
    quiet()
    with told():
        reach(tracking_uri)
        rows, model = _rows(data), following(name, tracking_uri)
        done = 0
        while not times or done < times:
            done += 1
            if model.look():
                with contextlib.redirect_stdout(sys.stderr):  # some libraries draw progress bars there
                    mean = model.answer(rows).mean()
                click.echo(
                    f"{name} {model.version} is in service: mean of {len(rows):,} fares {mean:.2f} dollars"
                )
            elif done == 1:
                click.echo(f"no version of {name} is in service: waiting for one to be promoted", err=True)
            if done != times:
                time.sleep(every)


def _rows(data: Path) -> Any:
    import pandas as pd

    try:
        return pd.read_parquet(data)[list(FEATURES)]
    except (OSError, ValueError, KeyError) as error:
        raise TripsInvalid(f"{data} is no split written by `python -m training.etl`: {error}") from error


if __name__ == "__main__":
    main()
