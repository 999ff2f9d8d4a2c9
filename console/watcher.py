"""One watcher for all open pages of a process: it asks the ledger once a second, while any is open."""

import logging
import queue
import threading
from dataclasses import dataclass, field

from sqlalchemy import Engine

from ledger import changes
from ledger.changes import Place
from ledger.engine import reading
from ledger.errors import LedgerError

EVERY_S = 1.0
PAGES_MAX = 150
"""Open pages that one process tells: fewer than it has threads. Those beyond are loaded again by hand."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Listener:
    """One open page; its queue gets the place at which something changed that it shows."""

    model: str | None
    """None: any model."""
    changed: queue.SimpleQueue[str] = field(default_factory=queue.SimpleQueue)


class TooManyPages(Exception):
    """No more pages can be told by this process."""


class Watcher:
    """Tells listeners; its thread lives while there are any."""

    def __init__(self, ledger: Engine, *, every_s: float = EVERY_S) -> None:
        self._ledger = ledger
        self._every_s = every_s
        self._listeners: set[Listener] = set()
        self._changing = threading.Lock()
        self._thread: threading.Thread | None = None
        self._nobody = threading.Event()

    def listen(self, model: str | None, after: Place) -> Listener:
        """From now on this page is told; also of what happened since it was drawn. Raises TooManyPages."""
        listener = Listener(model)
        with self._changing:
            if len(self._listeners) >= PAGES_MAX:
                raise TooManyPages
            if self._thread is None:
                # Before any page catches up: what comes in between is told twice rather than never.
                look = _Look(self._ledger)
                self._nobody = threading.Event()
                self._thread = threading.Thread(
                    target=self._run, args=(look, self._nobody), name="watcher", daemon=True
                )
                self._thread.start()
            self._listeners.add(listener)
        self._catch_up(listener, after)
        return listener

    def leave(self, listener: Listener) -> None:
        """The page was closed."""
        with self._changing:
            self._listeners.discard(listener)
            if not self._listeners:
                self._thread = None
                self._nobody.set()

    def _catch_up(self, listener: Listener, after: Place) -> None:
        with reading(self._ledger) as session:
            here = changes.place(session)
            models = changes.models_since(session, after, here)
        _tell({listener}, models, here)

    def _run(self, look: "_Look", over: threading.Event) -> None:
        while not over.wait(self._every_s):
            try:
                models, here = look.again()
            except LedgerError as error:
                log.warning("open pages are not told of changes: %s", error)
                continue
            with self._changing:
                listeners = set(self._listeners)
            _tell(listeners, models, here)


class _Look:
    """What the ledger was like at the last look. Raises LedgerError."""

    def __init__(self, ledger: Engine) -> None:
        self._ledger = ledger
        with reading(ledger) as session:
            self._place, self._open = changes.place(session), changes.still_open(session)

    def again(self) -> tuple[set[str | None], Place]:
        """The models of which anything changed since, None for all; and where the ledger ends.

        Raises LedgerError.
        """
        with reading(self._ledger) as session:
            here, opened = changes.place(session), changes.still_open(session)
            models = changes.models_since(session, self._place, here)
            models |= changes.models_of(self._open ^ opened)
        self._place, self._open = here, opened
        return models, here


def _tell(listeners: set[Listener], models: set[str | None], here: Place) -> None:
    for listener in listeners:
        if models and (listener.model is None or not models.isdisjoint({listener.model, None})):
            listener.changed.put(changes.written(here))
