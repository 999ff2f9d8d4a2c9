"""Commits together what waits together: one transaction, and one write to the disk, for many requests.

Whoever finds no commit under way commits all that wait, its own among them, and hands over to the first that
came meanwhile. No thread of its own, so nothing to start after a fork and nothing that can die unseen.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from ledger.errors import LedgerCollision, LedgerUnavailable

Item = TypeVar("Item")
Result = TypeVar("Result")

TOGETHER_MAX = 256
"""So many at most, so that no transaction is long and no answer late."""
LINGER_S = 0.002
"""Waiting so long for company makes groups several times larger under load, and a lone answer no later."""


class _Waiting(Generic[Item, Result]):
    """One item, and what became of it; `turn` is locked until it is done, or its own to commit."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.turn = threading.Lock()
        self.turn.acquire()
        self.over = False
        self.result: tuple[Result] | None = None
        self.error: Exception | None = None


class Committer(Generic[Item, Result]):
    """Calls `commit` with all that waits; it stores all of it or, when it raises, nothing."""

    def __init__(self, commit: Callable[[Sequence[Item]], Sequence[Result]]) -> None:
        self._commit = commit
        self._changing = threading.Lock()
        self._waiting: list[_Waiting[Item, Result]] = []
        self._committing = False

    def submit(self, item: Item) -> Result:
        """Returns once the item is stored, with what `commit` said of it; raises what it raised for it."""
        mine: _Waiting[Item, Result] = _Waiting(item)
        with self._changing:
            self._waiting.append(mine)
            waits, self._committing = self._committing, True
        if waits:
            mine.turn.acquire()
        if not mine.over:
            self._commit_all()
        if mine.result:
            return mine.result[0]
        raise mine.error or LedgerUnavailable("the receiver was stopped before it could store this")

    def _commit_all(self) -> None:
        time.sleep(LINGER_S)
        with self._changing:
            group, self._waiting = self._waiting[:TOGETHER_MAX], self._waiting[TOGETHER_MAX:]
        try:
            self._store(group)
        finally:
            self._hand_over()
            for each in group:
                each.over = True
                each.turn.release()

    def _hand_over(self) -> None:
        with self._changing:
            self._committing = bool(self._waiting)
            if self._waiting:
                self._waiting[0].turn.release()

    def _store(self, group: list[_Waiting[Item, Result]]) -> None:
        """All at once; one by one where one may be to blame, so that it fails alone."""
        try:
            for each, result in zip(group, self._commit([each.item for each in group]), strict=True):
                each.result = (result,)
        except Exception as error:  # noqa: BLE001 it is raised again, in the request it belongs to
            outage = isinstance(error, LedgerUnavailable) and not isinstance(error, LedgerCollision)
            for each in group:
                if outage or len(group) == 1:
                    each.error = error
                else:
                    self._store([each])
