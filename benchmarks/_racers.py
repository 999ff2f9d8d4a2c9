"""Races of two promotions; prints in how many exactly one champion was left: plain MLflow, then the gate."""

import logging
import sys
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

import mlflow  # noqa: E402
from mlflow.models import infer_signature  # noqa: E402
from sklearn.dummy import DummyRegressor  # noqa: E402

AT_ONCE = 5
"""Models that race at the same time; two workers have enough to do."""
QUIET_S = 60


class Races:
    """Registers models of three versions each from one logged model, and races the second and third."""

    def __init__(self, uri: str) -> None:
        mlflow.set_tracking_uri(uri)
        self.client = mlflow.MlflowClient()
        model = DummyRegressor().fit([[0.0]], [1.0])
        with mlflow.start_run() as run:
            self.logged = mlflow.sklearn.log_model(
                model, name="model", signature=infer_signature([[0.0]], [1.0]),
                pip_requirements=["scikit-learn"], serialization_format="cloudpickle",
            )  # fmt: skip
        self.run_id = run.info.run_id

    def register(self, name: str) -> None:
        """Version 1 in Production, 2 and 3 waiting."""
        self.client.create_registered_model(name)
        for _ in range(3):
            self.client.create_model_version(
                name, self.logged.model_uri, self.run_id, tags={"owner": "bench"},
                model_id=self.logged.model_id,
            )  # fmt: skip

    def both(self, name: str, stage: str, *, archive: bool) -> None:
        """Two clients, two requests, one moment."""
        start = Barrier(2)

        def ask(version: int) -> None:
            start.wait()
            self.client.transition_model_version_stage(name, str(version), stage, archive)

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(ask, (2, 3)))

    def stages(self, name: str) -> list[str]:
        """Where the versions stand."""
        versions = self.client.search_model_versions(f"name = '{name}'")
        return [version.current_stage for version in versions]

    def plain(self, number: int) -> bool:
        """One race without the gate."""
        name = f"plain-{number}"
        self.register(name)
        self.client.transition_model_version_stage(name, "1", "Production")
        self.both(name, "Production", archive=True)
        return self.stages(name).count("Production") == 1

    def gated(self, number: int) -> bool:
        """One race through the gate: first a champion, then two at once."""
        name = f"race-{number}"
        self.register(name)
        self.client.transition_model_version_stage(name, "1", "Staging")
        self._wait(name, {"Production", "None"})
        self.both(name, "Staging", archive=False)
        self._wait(name, {"Production", "Archived"})
        return self.stages(name).count("Production") == 1

    def _wait(self, name: str, quiet: set[str]) -> None:
        """Until nothing is under way any more; a race that never ends is lost."""
        deadline = time.monotonic() + QUIET_S
        while time.monotonic() < deadline:
            if set(self.stages(name)) <= quiet and "Production" in self.stages(name):
                return
            time.sleep(0.1)


def main(uri: str, trials: int) -> None:
    """Both kinds of race."""
    races = Races(uri)
    plain = sum(races.plain(number) for number in range(trials))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        gated = sum(pool.map(races.gated, range(trials)))
    print(plain, gated)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
