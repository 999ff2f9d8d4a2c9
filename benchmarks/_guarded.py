"""A guarded registry for benchmarks: MLflow, Redis, receiver, workers and schedule, the ledger on SQLite.

The workers reach MLflow through a forwarder that notes when each request comes.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import mlflow as tracking
from mlflow import MlflowClient
from mlflow.models.model import ModelInfo
from sklearn.dummy import DummyRegressor

from benchmarks._deliveries import deliver
from benchmarks._servers import gunicorn, mlflow, redis, started
from benchmarks._watched import Watched, watched
from ledger.engine import open_ledger
from ledger.migrate import upgrade

SECRET = "a secret of the benchmark's"  # noqa: S105 nobody else's
PLUGIN_SECRET = "whsec_YSBzZWNyZXQgb2YgdGhlIGJlbmNobWFyaydz"  # noqa: S105 nobody else's
PATIENCE_S = 30


@dataclass(frozen=True)
class Guarded:
    """What a benchmark needs of it: MLflow as its users reach it, what the workers asked, the receiver."""

    client: MlflowClient
    found: Watched
    port: int
    logged: ModelInfo

    def register(self, name: str) -> None:
        """Version 1 of a new model."""
        self.client.create_registered_model(name)
        self.client.create_model_version(
            name, self.logged.model_uri, self.logged.run_id, {"owner": "bench"}, model_id=self.logged.model_id
        )


def until(so: Callable[[], object]) -> None:
    """Wait for it, for a while."""
    deadline = time.monotonic() + PATIENCE_S
    while not so():
        if time.monotonic() > deadline:
            raise SystemExit("what was to be measured did not happen")
        time.sleep(0.002)


@contextmanager
def guarded(folder: Path, policy: str, *, plugged: bool) -> Iterator[Guarded]:
    """Every part, up and warm. With the plug-in MLflow tells of moves; without it the sweep finds them."""
    (folder / "policies").mkdir(parents=True)
    (folder / "policies" / "bench.yaml").write_text(policy)
    with ExitStack() as stack:
        environ = _environ(folder, stack.enter_context(redis(folder)))
        receiver = ("--config", "python:webhooks.server", "webhooks.wsgi:app")
        port = stack.enter_context(gunicorn(*receiver, folder=folder, environ=environ))
        app = ("--app-name", "gatehouse") if plugged else ()
        tells = environ | {"GATEHOUSE_RECEIVER_URL": f"http://127.0.0.1:{port}"}
        url = stack.enter_context(mlflow(folder, *app, environ=tells if plugged else {}))
        found = stack.enter_context(watched(url))
        for words in _workers(folder):
            celery = (sys.executable, "-m", "celery", "-A", *words)
            reach = environ | {"GATEHOUSE_REGISTRY_URL": found.url}
            stack.enter_context(started(*celery, folder=folder, environ=reach))
        yield _warm(Guarded(MlflowClient(url), found, port, _log_model(url)))


def _environ(folder: Path, redis_url: str) -> dict[str, str]:
    url = f"sqlite:///{folder / 'ledger.db'}"
    ledger = open_ledger(url)
    upgrade(ledger)
    ledger.dispose()
    return {
        "GATEHOUSE_LEDGER_URL": url,
        "GATEHOUSE_REDIS_URL": redis_url,
        "GATEHOUSE_POLICIES": str(folder / "policies"),
        "GATEHOUSE_WEBHOOK_SECRET": SECRET,
        "GATEHOUSE_PLUGIN_SECRET": PLUGIN_SECRET,
    }


def _workers(folder: Path) -> Iterator[list[str]]:
    for queue in ("looks", "rounds"):
        yield f"workers.app worker --queues {queue} --concurrency 2 --hostname {queue}@%h".split()
    yield ["workers.schedule", "beat", "--schedule", str(folder / "beat"), "--pidfile", ""]


def _log_model(url: str) -> ModelInfo:
    tracking.set_tracking_uri(url)
    with tracking.start_run():
        return tracking.sklearn.log_model(
            DummyRegressor().fit([[0.0]], [1.0]),
            name="model",
            pip_requirements=["scikit-learn"],
            serialization_format="cloudpickle",
        )


def _warm(stack: Guarded) -> Guarded:
    """Until a version goes all the way, and the spare processes are ready."""
    stack.register("decided-warm")
    deliver(stack.port, "decided-warm", SECRET)
    until(lambda: [seen for seen in stack.found.about("decided-warm") if "transition-stage" in seen.text])
    time.sleep(10)
    return stack
