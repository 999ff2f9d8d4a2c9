"""The peers' way, in a process of its own: both models loaded and warm, the same rows.

Takes one word a line on stdin: `predict` (both models, batch by batch, nothing else), `pyfunc` (one model by
MLflow as it comes), `evaluate` (`mlflow.models.evaluate` of each model on each slice), `evaluate_large` (the
same, given large batches). Answers with seconds.
"""

import logging
import os
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "MLFLOW_DISABLE_TELEMETRY": "true"}
warnings.filterwarnings("ignore")

import mlflow  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

logging.disable(logging.WARNING)

Answer = Callable[[pd.DataFrame], Any]
BATCHES = (4096, 16384, 65536)
TARGET = "fare"


class Peers:
    """Two models and the rows of a Parquet file; each slice is a list of places."""

    def __init__(self, models: list[str], rows: str, slices: str) -> None:
        self.models = [mlflow.pyfunc.load_model(path, suppress_warnings=True) for path in models]
        self.keras = [model.get_raw_model() for model in self.models]
        self.frame = pd.read_parquet(rows)
        self.inputs = self.frame.drop(columns=TARGET)
        self.array = self.inputs.to_numpy(dtype=np.float32)
        cut = np.load(slices)
        self.slices = [cut[name] for name in cut.files]

    def predict(self) -> float:
        """Both predictions, by the batch that is fastest."""
        return min(self._both(batch) for batch in BATCHES)

    def _both(self, batch: int) -> float:
        return seconds(lambda: [each.predict(self.array, batch_size=batch, verbose=0) for each in self.keras])

    def pyfunc(self) -> float:
        """One model's, 32 rows at a time, as MLflow asks it."""
        return seconds(lambda: self.models[0].predict(self.inputs))

    def evaluate(self) -> float:
        """Each model on each slice, by MLflow as it comes; raveled, for it fails on Keras's (n, 1)."""
        return self._evaluated([lambda frame, each=each: each.predict(frame) for each in self.models])

    def evaluate_large(self) -> float:
        """The same, the predictions by a large batch: as nobody who has not read Keras's code would ask."""

        def asked(keras: Any) -> Answer:
            return lambda frame: keras.predict(
                frame.to_numpy(dtype=np.float32), batch_size=BATCHES[1], verbose=0
            )

        return self._evaluated([asked(each) for each in self.keras])

    def _evaluated(self, models: list[Answer]) -> float:
        return seconds(lambda: [self._one(answer, rows) for answer in models for rows in self.slices])

    def _one(self, answer: Answer, rows: Any) -> None:
        with mlflow.start_run():
            mlflow.models.evaluate(
                lambda frame: np.ravel(answer(frame)), self.frame.iloc[rows], targets=TARGET,
                model_type="regressor", evaluators="default",
                evaluator_config={"log_model_explainability": False},
            )  # fmt: skip


def seconds(work: Callable[[], object]) -> float:
    """How long it took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main(folder: str, rows: str, slices: str, models: list[str]) -> None:
    """Answer until there are no more words."""
    mlflow.set_tracking_uri(f"sqlite:///{Path(folder) / 'peers.db'}")
    mlflow.set_experiment("peers")
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # progress bars and notes go elsewhere
    peers = Peers(models, rows, slices)
    peers.predict()
    answers.write("ready\n")
    for word in sys.stdin:
        answers.write(f"{getattr(peers, word.strip())()}\n")


if __name__ == "__main__":
    main(*sys.argv[1:4], sys.argv[4:])
