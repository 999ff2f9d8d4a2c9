"""SlackChannel: one Slack incoming webhook. What the message looks like is `slack_blocks`' matter.

The webhook's address is its only secret, so it stays out of every error and log line.
"""

import logging
from datetime import datetime
from http import HTTPStatus
from http.client import HTTPException
from urllib.parse import urlsplit

from slack_sdk.webhook import WebhookClient, WebhookResponse

from notifications.errors import ChannelError, ChannelRefused, ChannelUnavailable
from notifications.message import Message
from notifications.slack_blocks import blocks, fallback
from notifications.slack_errors import retry_after

TIMEOUT_S = 10
WORDS = 200
RETRIED = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
GONE = {
    "no_service",
    "no_active_hooks",
    "no_team",
    "invalid_token",
    "channel_not_found",
    "channel_is_archived",
}
MEND = "; make a new incoming webhook in Slack and set GATEHOUSE_SLACK_WEBHOOK_URL to it"

# The client writes the address into its debug lines and its errors; what matters is raised.
_silenced = logging.getLogger(f"{__name__}.client")
_silenced.setLevel(logging.CRITICAL + 1)


class SlackChannel:
    """Posts to one incoming webhook; `timeout_s` seconds of silence count as unavailable."""

    name = "slack"

    def __init__(self, url: str, *, timeout_s: int = TIMEOUT_S) -> None:
        self._url = url
        # The outbox tries again, after the time that Slack asks for: the client's own retries would not wait.
        self._client = WebhookClient(url, timeout=timeout_s, logger=_silenced, retry_handlers=[])

    def __repr__(self) -> str:
        return "SlackChannel(…)"

    def takes(self, message: Message) -> bool:
        """What people are told; it cannot show a candidate anew."""
        return not message.quiet

    def send(self, message: Message, *, since: datetime | None = None) -> None:  # noqa: ARG002 it cannot ask
        """Post the message. Raises ChannelUnavailable or ChannelRefused, with Slack's own words."""
        try:
            answer = self._client.send(text=fallback(message), blocks=blocks(message), unfurl_links=False)
        except (OSError, HTTPException, ValueError, LookupError) as error:
            # `from None`: the cause may quote the address.
            raise ChannelUnavailable(f"Slack could not be reached: {self._hidden(error)}") from None
        if failure := self._failure(answer):
            raise failure

    def _failure(self, answer: WebhookResponse) -> ChannelError | None:
        status, body = answer.status_code, str(answer.body).strip()
        words = f"Slack answered {status}: {self._hidden(body) or 'nothing'}"
        if status in RETRIED or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return ChannelUnavailable(words, retry_after=retry_after(answer.headers))
        if status == HTTPStatus.OK and body == "ok":
            return None
        return ChannelRefused(words + (MEND if body in GONE else ""))

    def _hidden(self, said: object) -> str:
        """An answer or an error in short, without the address."""
        address = urlsplit(self._url)
        text = str(said)
        for secret in (self._url, address.path):
            text = text.replace(secret, "…") if len(secret) > 1 else text
        return " ".join(text.split())[:WORDS]
