"""Serves one request: takes it up, prepares the data, trains in a process of its own, says how that ended.

What it is at stands in a file, so that a service that was killed goes on by itself when it is started again;
what a lost host was at, the gate asks for again.
"""

import json
import logging
import os
import re
import shutil
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mlflow.exceptions import MlflowException

from training.etl.folder import SUMMARY
from training.service.child import Child, Ended
from training.service.settings import TrainingSettings
from training.service.taking import Order, Taken, beat, end, take

if TYPE_CHECKING:
    from mlflow import MlflowClient

_NAME: Final = re.compile(r"[\w-]{1,128}", re.ASCII)
"""It becomes a folder's."""
_NO: Final = (1, 2)
"""Exit codes of a trainer that would say the same again."""

log = logging.getLogger(__name__)


class Service:
    """One trainer; whoever asks while it trains waits."""

    def __init__(self, settings: TrainingSettings, client: "MlflowClient") -> None:
        self._settings = settings
        self._client = client
        self._child = Child()
        self._one = threading.Lock()
        self._at = settings.training_work / "at.json"

    def stop(self) -> None:
        """End in order; what it is at is gone on with after a restart."""
        self._child.stop()

    def go_on(self) -> None:
        """Go on with what the service was at when it ended, if at anything. Raises what MLflow raises."""
        with self._one:
            if self._at.is_file():
                kept = json.loads(self._at.read_text(encoding="utf-8"))
                self._serve(Order(**kept["order"]), left=kept["run_id"])

    def serve(self, order: Order) -> None:
        """Bring an order to an end, unless it is at one or others are at it. Raises what MLflow raises."""
        if order.model != self._settings.training_model:
            log.warning("model_name=%r is not trained here: GATEHOUSE_TRAINING_MODEL", order.model)
            return
        if not _NAME.fullmatch(order.request):
            log.warning("request %r is not named as the gate names them", order.request)
            return
        self.go_on()
        with self._one:
            self._serve(order)

    def _serve(self, order: Order, left: str = "") -> None:
        taken = take(self._client, order, self._settings.training_experiment, left=left)
        if taken is not None:
            log.info(
                "model_name=%r request=%s %s in run %s", order.model, order.request, taken.still, taken.run_id
            )
            self._note(order, taken)
            ended = self._register(taken) if taken.still == "register" else self._train(order, taken)
            if ended.code and self._child.stopped:
                return
            self._close(taken, ended)
        shutil.rmtree(self._folder(order), ignore_errors=True)
        self._at.unlink(missing_ok=True)

    def _note(self, order: Order, taken: Taken) -> None:
        self._at.parent.mkdir(parents=True, exist_ok=True)
        partial = self._at.with_suffix(".partial")
        partial.write_text(json.dumps({"order": order._asdict(), "run_id": taken.run_id}), encoding="utf-8")
        partial.replace(self._at)

    def _train(self, order: Order, taken: Taken) -> Ended:
        told, data = self._settings, Path(self._settings.training_data)
        if not data.is_dir():
            data = self._folder(order)
            if not (data / SUMMARY).is_file():
                words = (
                    "--data",
                    told.training_data,
                    "--out",
                    str(data),
                    "--experiment",
                    told.training_experiment,
                )
                if (ended := self._run(taken, "training.etl", *words)).code:
                    return ended
        return self._run(
            taken,
            *("training.train", "--data", str(data), "--owner", told.training_owner),
            *("--name", told.training_model, "--checkpoints", str(told.training_work / "checkpoints")),
            *told.training_arguments,
            more={"MLFLOW_RUN_ID": taken.run_id},
        )

    def _register(self, taken: Taken) -> Ended:
        told = self._settings
        words = ("--run", taken.run_id, "--owner", told.training_owner, "--name", told.training_model)
        return self._run(taken, "training.register", *words)

    def _run(self, taken: Taken, module: str, *words: str, more: Mapping[str, str] | None = None) -> Ended:
        environ = dict(os.environ) | {"MLFLOW_TRACKING_URI": self._settings.registry_url} | dict(more or {})
        return self._child.run(("-m", module, *words), environ, self._beating(taken))

    def _beating(self, taken: Taken) -> Callable[[], None]:
        def told() -> None:
            try:
                beat(self._client, taken.run_id)
            except MlflowException as error:
                log.warning("could not say that run %s goes on: %s", taken.run_id, error)

        return told

    def _close(self, taken: Taken, ended: Ended) -> None:
        if ended.code:
            log.warning("run %s ended with exit code %d: %s", taken.run_id, ended.code, ended.why)
            end(self._client, taken.run_id, "FAILED" if ended.code in _NO else "KILLED", ended.why)

    def _folder(self, order: Order) -> Path:
        """Where trips are prepared for an order."""
        return self._settings.training_work / "trips" / order.request
