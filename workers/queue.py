"""The queue: Celery on Redis, and the names of the tasks.

Redis is a doorbell. A task says only "look in the ledger": a lost one is rung again by the sweep, a
doubled one finds nothing to claim. So tasks expire, carry no data and are never retried by the queue. Only
trainers, who know no ledger, are told with the task what is wanted.
"""

from celery import Celery
from kombu.transport.redis import Channel

from registry.retraining import TRAIN, TRAINING

# What was rung and not heard is rung again by the sweep; a channel that puts it back brings its worker down
# when it is Redis that went away.
Channel.do_restore = False

LOOK = "workers.look"
SWEEP = "workers.sweep"
SWEEP_FULLY = "workers.sweep_fully"
TELL = "workers.tell"
REPORT = "workers.report"
INTERACT = "workers.interact"

LOOKS = "looks"
"""Queue of the slow work: validations, and the reports of them."""
ROUNDS = "rounds"
"""Queue of the quick work, never behind a validation: sweeps and messages."""

ANSWER_S = 1.0
"""How long a Redis that does not answer may hold up a ring, in seconds."""


def make_queue(redis_url: str) -> Celery:
    """A Celery app that knows the names and rules of our tasks, without the tasks themselves."""
    app = Celery("gatehouse", broker=redis_url)
    app.conf.update(
        task_routes={
            **dict.fromkeys((LOOK, REPORT), LOOKS),
            **dict.fromkeys((SWEEP, SWEEP_FULLY, TELL, INTERACT), ROUNDS),
            TRAIN: TRAINING,
        },
        task_ignore_result=True,
        task_publish_retry=False,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "ack_emulation": False,
            "socket_connect_timeout": ANSWER_S,
            "socket_timeout": 5.0,
        },
        timezone="UTC",
    )
    return app
