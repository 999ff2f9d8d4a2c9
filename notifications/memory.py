"""What a chat must remember of the candidates it shows: kept by the workers, in the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from notifications.message import Message


@dataclass(frozen=True)
class Thread:
    """Where a candidate is shown; `picture` is (evaluation, Slack's id of the file) of its plot."""

    channel: str
    ts: str
    card: Message
    picture: tuple[str, str] | None = None


class Memory(Protocol):
    """What outlives this process."""

    def threads(self, model: str, version: int) -> Sequence[Thread]:
        """Where a candidate is shown."""

    def keep(self, model: str, version: int, thread: Thread) -> None:
        """Remember that."""

    def forget(self, model: str, version: int, channel: str) -> None:
        """It is shown there no more."""

    def plot(self, evaluation: str) -> bytes | None:
        """The picture of an evaluation, a PNG."""
