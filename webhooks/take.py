"""Takes deliveries in: each stored with its event and the work it asks for, many in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from sqlalchemy import Engine

from ledger import inbox
from ledger.engine import writing
from ledger.errors import LedgerInvalid
from ledger.inbox import Delivery, Note
from registry.events import RegistryEvent
from webhooks.commit import Committer
from webhooks.errors import DeliveryInvalid
from webhooks.follow import follow_all

Taken = Literal["accepted", "ignored", "duplicate"]
Store = Callable[[Sequence["Incoming"]], list[Taken]]
"""Stores a group; what became of each comes back in its order."""
Aside = Callable[[Store, Sequence["Incoming"]], list[Taken]]
"""Calls the one with the other, here or in a thread."""


@dataclass(frozen=True)
class Incoming:
    """One delivery, verified and understood."""

    delivery: Delivery
    event: RegistryEvent


def at_once(store: Store, group: Sequence[Incoming]) -> list[Taken]:
    """In this thread."""
    return store(group)


class Intake:
    """The one way into the ledger for the deliveries that this process receives."""

    def __init__(self, engine: Engine, workspaces: Sequence[str] = (), *, aside: Aside = at_once) -> None:
        self._engine = engine
        self._workspaces = workspaces
        self._together = Committer(partial(aside, self._store))

    def take(self, incoming: Incoming) -> Taken:
        """Store a delivery, its event and its work; returns once they are committed.

        Raises LedgerUnavailable, and DeliveryInvalid for a text that no ledger can keep. Either way nothing
        of this delivery was stored.
        """
        try:
            return self._together.submit(incoming)
        except LedgerInvalid as error:
            raise DeliveryInvalid(str(error)) from error

    def _store(self, group: Sequence[Incoming]) -> list[Taken]:
        firsts = {each.delivery.id: each for each in reversed(group)}
        with writing(self._engine) as session:
            stored = inbox.store_deliveries(session, [each.delivery for each in firsts.values()])
            news = [each for each in group if firsts[each.delivery.id] is each and each.delivery.id in stored]
            followed = follow_all(session, [_note(each) for each in news], self._workspaces)
        said: dict[str, Taken] = dict(zip((each.delivery.id for each in news), followed, strict=True))
        # The first of its id has the answer; whatever else comes under that id came twice.
        return [said.pop(each.delivery.id, "duplicate") for each in group]


def _note(incoming: Incoming) -> Note:
    """Nothing happened after it was told: a clock that is ahead says nothing, and would hide what comes."""
    delivery, event = incoming.delivery, incoming.event
    if event.at is not None and event.at > delivery.received:
        event = event.model_copy(update={"at": None})
    return Note(event, f"{delivery.source} webhook", delivery.received, delivery.id)
