"""The port that every channel keeps, and the log as the simplest one.

The console's channel page needs no sending: it shows the ledger's messages. Which channels are open is
`notifications.opened`'s matter.
"""

import logging
from datetime import datetime
from typing import Protocol

from notifications.message import Message

logger = logging.getLogger(__name__)


class Channel(Protocol):
    """A way to people, or to their machines."""

    @property
    def name(self) -> str:
        """The channel's own name, as the ledger records it: "log", "slack"."""

    def takes(self, message: Message) -> bool:
        """Whether it is for this channel at all: asked before the message is put in the outbox."""

    def send(self, message: Message, *, since: datetime | None = None) -> None:
        """Tell it once. Raises ChannelUnavailable (try again) or ChannelRefused (do not).

        Of a message that may have been sent before, `since` says from when on; else it is None.
        """


class LogChannel:
    """Every message as one line of the process's log."""

    name = "log"

    def takes(self, message: Message) -> bool:
        """What people are told."""
        return not message.quiet

    def send(self, message: Message, *, since: datetime | None = None) -> None:  # noqa: ARG002 a line more is no harm
        """Write title, text and what is asked; line breaks and terminal codes in names cannot forge lines."""
        parts = (f"[{message.kind}]", message.channel, message.title, message.text, str(message.ask or ""))
        logger.info("%s", _one_line(" | ".join(part for part in parts if part)))


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
