"""The workers' Celery app: what `celery -A workers.app worker` runs. The schedule is `workers.schedule`.

Tasks are thin: bind, call one function. Their rules (queue, acks, expiry) stand in `workers.queue`; their
retries in the ledger, which knows what is due.
"""

import logging
from datetime import UTC, datetime
from functools import cache
from itertools import takewhile

from celery.signals import heartbeat_sent, worker_init, worker_process_init, worker_process_shutdown
from pydantic import ValidationError

from ledger.engine import open_ledger
from ledger.errors import LedgerRefused, LedgerUnavailable
from ledger.migrate import check
from ledger.settings import LedgerSettings
from notifications.channel_file import ChannelsInvalid
from notifications.errors import ChannelRefused
from notifications.opened import open_channels
from notifications.settings import NotificationSettings
from notifications.words import read_words
from registry.errors import RegistryUnavailable
from workers.bootstrap import bind
from workers.gatekeeper import Gatekeeper
from workers.interact import interact
from workers.look import look
from workers.queue import INTERACT, LOOK, REPORT, SWEEP, SWEEP_FULLY, TELL, make_queue
from workers.report import report
from workers.settings import WorkerSettings
from workers.sweep import sweep, sweep_fully_in_turn
from workers.tell import tell
from workers.threads import LedgerMemory

LOOKS_MAX = 20
"""So many looks for one ring: whoever is asked to stop does so soon."""

settings = WorkerSettings()
app = make_queue(settings.redis_url)
log = logging.getLogger(__name__)


@cache
def keeper() -> Gatekeeper:
    """This process's tools, made at first use: database connections and child processes survive no fork."""
    return bind()


@worker_init.connect
def _check_channels(**_: object) -> None:
    """Channels and templates that cannot be used end the start here, before anybody is to be told."""
    ledger = open_ledger(LedgerSettings().url)
    try:
        told = NotificationSettings()
        open_channels(told, LedgerMemory(ledger, lambda: datetime.now(UTC)))
        read_words(told.messages)
    except (ValidationError, ChannelsInvalid, ChannelRefused) as error:
        raise SystemExit(f"gatehouse: {error}") from error
    finally:
        ledger.dispose()


@worker_init.connect
def _check_ledger(**_: object) -> None:
    """A ledger of another version ends the start here: Celery logs what a process raises, and goes on.

    One that is away does not, for it comes back.
    """
    ledger = open_ledger(LedgerSettings().url)
    try:
        check(ledger)
    except LedgerRefused as error:
        raise SystemExit(f"gatehouse: {error}") from error
    except LedgerUnavailable as error:
        log.warning("%s", error)
    finally:
        ledger.dispose()


@heartbeat_sent.connect
def _note_alive(**_: object) -> None:
    settings.note_alive()


@worker_process_init.connect
def _warm_up(**_: object) -> None:
    keeper()


@worker_process_shutdown.connect
def _close(**_: object) -> None:
    if keeper.cache_info().currsize:
        keeper().sandbox.close()


@app.task(name=LOOK)
def look_on() -> int:
    """Judge versions that are due, one after the other: a ring for each would cost as much as the look."""
    return sum(1 for _ in takewhile(bool, (look(keeper()) for _ in range(LOOKS_MAX))))


@app.task(name=SWEEP)
def sweep_once() -> int | None:
    """Compare registry and ledger. An outage is one line in the log: the next sweep comes in seconds."""
    try:
        return sweep(keeper(), settings.sweep_depth)
    except (RegistryUnavailable, LedgerUnavailable) as error:
        log.warning("not swept: %s", error)
        return None


@app.task(name=SWEEP_FULLY)
def sweep_everything() -> int | None:
    """Compare all of the registry and the ledger, if it is time."""
    try:
        return sweep_fully_in_turn(keeper())
    except (RegistryUnavailable, LedgerUnavailable) as error:
        log.warning("not swept fully: %s", error)
        return None


@app.task(name=REPORT)
def report_one() -> bool:
    """Make one report: a ring for each, so that versions to be judged are not kept waiting by many."""
    return report(keeper())


@app.task(name=TELL)
def tell_all() -> int:
    """Send what is in the outbox."""
    return tell(keeper())


@app.task(name=INTERACT)
def interact_all() -> int:
    """Act on what people clicked in a chat."""
    return interact(keeper())
