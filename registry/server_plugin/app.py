"""What `mlflow server --app-name gatehouse` serves: MLflow as it is, with its stage changes written down.

Nothing here may keep MLflow from starting or answering: what is set wrong is said in the log, and changes are
kept until it is set right. `gatehouse-basic-auth` is the same on top of MLflow's own `basic-auth`.
"""

import fcntl
import logging
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlflow.server import app
from mlflow.server.handlers import _get_model_registry_store
from sqlalchemy import Engine

from registry.server_plugin import outbox, settings
from registry.server_plugin.errors import SettingsInvalid
from registry.server_plugin.receiver import Receiver
from registry.server_plugin.recording import Recorder
from registry.server_plugin.relay import Relay

log = logging.getLogger(__name__)


def create_app() -> Any:
    """MLflow's app: ASGI for uvicorn, WSGI for every other server."""
    record_changes(os.environ)
    if os.environ.get("_MLFLOW_SGI_NAME") == "uvicorn":
        from mlflow.server.fastapi_app import create_fastapi_app

        return create_fastapi_app(app)
    return app


def create_app_with_basic_auth() -> Any:
    """MLflow's app behind MLflow's own passwords and permissions."""
    from mlflow.server import auth

    record_changes(os.environ)
    with _one_process_at_a_time():
        return auth.create_app(app)


def record_changes(environ: Mapping[str, str]) -> None:
    """Start recording in this process and, where the settings say whereto, delivering."""
    engine: Engine | None = getattr(_get_model_registry_store(), "engine", None)
    if engine is None:
        log.warning("gatehouse: this registry is not in an SQL database, so no stage change is recorded")
        return
    outbox.make_table(engine)
    Recorder(_start_relay(engine, environ)).install()


def _start_relay(engine: Engine, environ: Mapping[str, str]) -> Any:
    try:
        receiver = Receiver(settings.read(environ), time.time)
    except SettingsInvalid as error:
        log.warning("gatehouse: stage changes are kept in the outbox and delivered to nobody: %s", error)
        return lambda: None
    relay = Relay(engine, receiver.send, time.time)
    relay.start()
    return relay.ring


@contextmanager
def _one_process_at_a_time() -> Iterator[None]:
    """MLflow makes its user tables before it starts workers, and only for the app named `basic-auth`.

    Here every worker makes them, and two at once fail. What is locked is this file: it is always there.
    """
    with Path(__file__).open("rb") as ours:
        fcntl.flock(ours, fcntl.LOCK_EX)
        yield
