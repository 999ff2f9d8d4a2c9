"""LedgerMemory: where a chat shows each candidate, and the pictures for it, as the ledger keeps them."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Engine

from ledger import reports, threads
from ledger.engine import reading, writing
from notifications.memory import Thread
from notifications.message import Message


class LedgerMemory:
    """The memory of the channels that show candidates. Raises LedgerUnavailable."""

    def __init__(self, ledger: Engine, now: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._now = now

    def threads(self, model: str, version: int) -> Sequence[Thread]:
        """Where a candidate is shown."""
        with reading(self._ledger) as session:
            found = threads.of_version(session, model, version)
        return [_read(each) for each in found]

    def keep(self, model: str, version: int, thread: Thread) -> None:
        """Remember where, and how."""
        picture = None if thread.picture is None else json.dumps(thread.picture)
        kept = threads.Thread(thread.channel, thread.ts, thread.card.model_dump_json(), picture)
        with writing(self._ledger) as session:
            threads.keep(session, model, version, kept, self._now())

    def forget(self, model: str, version: int, channel: str) -> None:
        """It is shown there no more."""
        with writing(self._ledger) as session:
            threads.forget(session, model, version, channel)

    def plot(self, evaluation: str) -> bytes | None:
        """The picture of an evaluation."""
        with reading(self._ledger) as session:
            return reports.plot_of(session, evaluation)


def _read(kept: threads.Thread) -> Thread:
    picture = None if kept.plot is None else json.loads(kept.plot)
    card = Message.model_validate_json(kept.card)
    return Thread(kept.channel, kept.ts, card, None if picture is None else (picture[0], picture[1]))
