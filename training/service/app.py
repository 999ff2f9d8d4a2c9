"""`celery -A training.service.app worker --queues training --pool threads --concurrency 1`: the service.

Threads, since the work is another process's, and whoever stops the service stops that, too. Redis is a
doorbell, as it is for the gate: nothing is put back, nothing is tried again by the queue.
"""

import logging
import threading

from celery import Celery
from celery.signals import heartbeat_sent, worker_ready, worker_shutting_down
from kombu.transport.redis import Channel
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from pydantic import ValidationError

from registry.retraining import TRAIN, TRAINING
from training.service.serving import Service
from training.service.settings import TrainingSettings
from training.service.taking import Order

Channel.do_restore = False
log = logging.getLogger(__name__)


def _settings() -> TrainingSettings:
    try:
        return TrainingSettings()
    except ValidationError as error:
        raise SystemExit(f"gatehouse: a trainer needs its settings: {error}") from error


settings = _settings()
app = Celery("training", broker=settings.redis_url)
app.conf.update(
    task_default_queue=TRAINING,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"ack_emulation": False, "socket_connect_timeout": 1.0, "socket_timeout": 5.0},
    timezone="UTC",
)


service = Service(
    settings, MlflowClient(tracking_uri=settings.registry_url, registry_uri=settings.registry_url)
)


@app.task(name=TRAIN)
def train(model: str, request: str, why: str = "") -> None:
    """Bring a request to an end. An outage is one line in the log: the gate asks again."""
    try:
        service.serve(Order(model, request, why))
    except MlflowException as error:
        log.warning("model_name=%r request=%s not now: %s", model, request, error)


@worker_ready.connect
def _go_on(**_: object) -> None:
    threading.Thread(target=_left, name="what was left", daemon=True).start()


def _left() -> None:
    try:
        service.go_on()
    except MlflowException as error:
        log.warning("could not go on with what was left: %s; the gate asks again", error)


@worker_shutting_down.connect
def _stop(**_: object) -> None:
    service.stop()


@heartbeat_sent.connect
def _note_alive(**_: object) -> None:
    if settings.alive is not None:
        settings.alive.touch()
