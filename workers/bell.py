"""The doorbell: tells the workers that there is something in the ledger, without ever holding up its caller.

The receiver rings after its commit. Redis may be down, slow or full: a ring that cannot be delivered is
dropped, since the sweep rings again for all that is due. Of many rings for the same task that wait together
a few are kept: each says only "look", and a look that finds more to do rings again.
"""

import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping

from kombu.exceptions import KombuError

from registry.retraining import TRAIN
from workers.queue import LOOK, make_queue

ALIKE_MAX = 4
"""So many rings for one task may wait: enough to wake several workers."""
REST_S = 0.2
"""Before the next of several rings that wait: a flood of deliveries need not be a flood of rings."""
REST_AFTER_LOSS_S = 0.5
RING_EXPIRES_S = 60
REQUEST_EXPIRES_S = 600
"""No longer than until a request is sent again, so that no more than one waits."""

log = logging.getLogger(__name__)


class Bell:
    """Rings from a thread of its own, started at the first ring so that it survives a server's fork."""

    def __init__(self, send: Callable[[str], None]) -> None:
        self._send = send
        self._waiting: queue.Queue[str] = queue.Queue()
        self._alike: Counter[str] = Counter()
        self._thread: threading.Thread | None = None
        self._changing = threading.Lock()

    def ring(self, task: str = LOOK) -> None:
        """Ask a worker to run this task; returns at once."""
        with self._changing:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="bell", daemon=True)
                self._thread.start()
            if self._alike[task] < ALIKE_MAX:
                self._alike[task] += 1
                self._waiting.put(task)

    def flush(self) -> None:
        """Wait until every ring so far was delivered or dropped."""
        self._waiting.join()

    def _run(self) -> None:
        while True:
            task = self._waiting.get()
            with self._changing:
                self._alike[task] -= 1
            rest_s = self._rung(task)
            self._waiting.task_done()
            time.sleep(rest_s)

    def _rung(self, task: str) -> float:
        """Send one ring; how long to rest after it comes back, in seconds."""
        try:
            self._send(task)
        except (KombuError, OSError) as error:
            log.warning("could not ring the workers (%s); the sweep will find the work", error)
            return REST_AFTER_LOSS_S
        return 0.0 if self._waiting.empty() else REST_S


def celery_bell(redis_url: str) -> Bell:
    """A bell on the real queue."""
    app = make_queue(redis_url)
    # Kombu would try again for six seconds, in which a command waits; whom nobody rings for, the sweep finds.
    app.conf.broker_transport_options |= {"max_retries": 0}
    return Bell(lambda task: app.send_task(task, expires=RING_EXPIRES_S))


def trainers_bell(redis_url: str) -> Callable[[Mapping[str, str]], None]:
    """Sends a request to whichever trainer is free; one that cannot be sent is sent again when it is due."""
    app = make_queue(redis_url)

    def ask(words: Mapping[str, str]) -> None:
        try:
            app.send_task(TRAIN, kwargs=dict(words), expires=REQUEST_EXPIRES_S)
        except (KombuError, OSError) as error:
            log.warning("could not ask a trainer (%s); the request is kept, and is sent again", error)

    return ask
