"""Registers light candidates one after the other and waits for each to reach Production. Prints seconds."""

import logging
import sys
import time
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

import mlflow  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from mlflow.models import infer_signature  # noqa: E402
from sklearn.linear_model import LinearRegression  # noqa: E402

PATIENCE_S = 60


def main(uri: str, count: int, rest_s: int) -> None:
    """One at a time, each as good as the one before."""
    mlflow.set_tracking_uri(uri)
    client = mlflow.MlflowClient()
    if not client.search_registered_models("name = 'line'"):
        client.create_registered_model("line")
    frame = pd.DataFrame({"distance_km": np.linspace(1, 20, 100)})
    model = LinearRegression().fit(frame, 2.5 + 2 * frame["distance_km"])
    signature = infer_signature(frame, model.predict(frame))
    for _ in range(count):
        time.sleep(rest_s)
        with mlflow.start_run() as run:
            info = mlflow.sklearn.log_model(
                model, name="model", signature=signature, pip_requirements=["scikit-learn"],
                serialization_format="cloudpickle",
            )  # fmt: skip
        print(f"took {_promoted(client, info, run.info.run_id):.3f}")


def _promoted(client: mlflow.MlflowClient, info: "mlflow.models.model.ModelInfo", run_id: str) -> float:
    began = time.perf_counter()
    version = client.create_model_version("line", info.model_uri, run_id, model_id=info.model_id).version
    while client.get_model_version("line", version).current_stage != "Production":
        if time.perf_counter() - began > PATIENCE_S:
            raise SystemExit(f"version {version} was not promoted in {PATIENCE_S} s")
        time.sleep(0.02)
    return time.perf_counter() - began


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
