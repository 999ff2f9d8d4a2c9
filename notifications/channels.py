"""The port that every channel keeps, the log as the simplest one, and which channels the settings open.

The console's channel page needs no sending: it shows the ledger's messages.
"""

import logging
from typing import Protocol

from notifications.message import Message
from notifications.settings import NotificationSettings

logger = logging.getLogger(__name__)


class Channel(Protocol):
    """A way to people."""

    @property
    def name(self) -> str:
        """The channel's own name, as the ledger records it: "log", "slack"."""

    def send(self, message: Message) -> None:
        """Tell it once. Raises ChannelUnavailable (try again) or ChannelRefused (do not)."""


class LogChannel:
    """Every message as one line of the process's log."""

    name = "log"

    def send(self, message: Message) -> None:
        """Write title, text and what is asked; line breaks and terminal codes in names cannot forge lines."""
        parts = (f"[{message.kind}]", message.channel, message.title, message.text, str(message.ask or ""))
        logger.info("%s", _one_line(" | ".join(part for part in parts if part)))


def open_channels(settings: NotificationSettings) -> tuple[Channel, ...]:
    """The log always, and Slack where a webhook is set."""
    if settings.slack_webhook_url is None:
        return (LogChannel(),)
    from notifications.slack import SlackChannel  # slack_sdk is the worker's, not every reader's

    return (LogChannel(), SlackChannel(settings.slack_webhook_url.get_secret_value()))


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
