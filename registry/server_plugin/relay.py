"""Delivers what the outbox holds: a thread in each server process, which takes one change at a time.

There is no leader: a change is taken in the database, for longer than one attempt lasts. Each process sends
what it has just committed, and looks now and then for what others left behind. A change may be delivered
twice, by a process that was killed before it could say so, and never out of its version's order.
"""

import logging
import threading
from collections.abc import Callable
from typing import Literal

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from registry.server_plugin import outbox
from registry.server_plugin.errors import ChangeRefused, ReceiverUnavailable
from registry.server_plugin.receiver import TIMEOUT_S
from registry.server_plugin.wire import Change

LOOK_S = 1.0
HOLD_S = 2 * TIMEOUT_S
"""How long a taken change stays taken: also how late the change comes whose process died sending it."""
PAUSE_MIN_S, PAUSE_MAX_S = 0.25, 15.0
REFUSED_MIN_S, REFUSED_MAX_S = 5.0, 600.0
KEEP_S, FORGET_EVERY_S = 7 * 86400, 3600

log = logging.getLogger(__name__)
Outcome = Literal["nothing waits", "delivered", "refused", "unavailable"]


class Relay:
    """One process's share of the delivering; `now` gives unix seconds."""

    def __init__(self, engine: Engine, send: Callable[[Change], None], now: Callable[[], float]) -> None:
        self._engine = engine
        self._send = send
        self._now = now
        self._rung = threading.Event()
        self._stopped = threading.Event()
        self._failures = 0
        self._forgetting_at = 0.0
        self._thread = threading.Thread()

    def ring(self) -> None:
        """Something was committed. A thread that died, or stayed behind in a fork, is started again."""
        self._rung.set()
        if not self._thread.is_alive():
            self.start()

    def start(self) -> None:
        """Deliver from now on, until the process ends: at any point it may."""
        self._thread = threading.Thread(target=self._run, name="gatehouse-relay", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the attempt under way."""
        self._stopped.set()
        self._rung.set()
        self._thread.join()

    def deliver_one(self) -> Outcome:
        """Take the next change that is due, and try it once."""
        now = self._now()
        taken = outbox.take(self._engine, now_ms=_ms(now), until_ms=_ms(now + HOLD_S))
        if taken is None:
            self._forget(now)
            return "nothing waits"
        try:
            self._send(taken.change)
        except ChangeRefused as error:
            later = backoff(taken.attempts, REFUSED_MIN_S, REFUSED_MAX_S)
            log.warning("%s; %s waits for %.0f s", error, _named(taken.change), later)
            outbox.put_back(self._engine, taken.seq, _ms(self._now() + later))
            return "refused"
        except ReceiverUnavailable as error:
            if not self._failures:
                log.warning("%s; stage changes are kept, and tried until it does", error)
            outbox.put_back(self._engine, taken.seq, _ms(self._now()))
            return "unavailable"
        outbox.mark_delivered(self._engine, taken.seq, _ms(self._now()))
        return "delivered"

    def _run(self) -> None:
        outcome: Outcome = "nothing waits"
        while not self._stopped.is_set():
            self._rung.clear()
            try:
                outcome = self.deliver_one()
            except SQLAlchemyError as error:
                log.warning("MLflow's database does not let the outbox be read: %s", error)
                outcome = "unavailable"
            self._rest(outcome)

    def _forget(self, now: float) -> None:
        if now >= self._forgetting_at:
            self._forgetting_at = now + FORGET_EVERY_S
            outbox.forget(self._engine, _ms(now - KEEP_S))

    def _rest(self, outcome: Outcome) -> None:
        if outcome == "unavailable":
            self._failures += 1
            # Not woken by new changes: a receiver that is coming up is not helped by being asked more often.
            self._stopped.wait(backoff(self._failures, PAUSE_MIN_S, PAUSE_MAX_S))
            return
        if outcome == "nothing waits":
            self._rung.wait(LOOK_S)
            return
        if self._failures:
            log.warning("the receiver takes stage changes again")
        self._failures = 0


def backoff(attempts: int, least_s: float, most_s: float) -> float:
    """Seconds to wait after so many attempts in a row: doubled each time, up to a limit."""
    return min(most_s, least_s * 2.0 ** min(attempts - 1, 30))


def _ms(seconds: float) -> int:
    return int(seconds * 1000)


def _named(change: Change) -> str:
    return f"version {change.version} of {change.name!r} ({change.from_stage} to {change.to_stage})"
