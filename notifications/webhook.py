"""WebhookChannel: tells machines, by POST of a typed event signed by Standard Webhooks.

https://github.com/standard-webhooks/standard-webhooks, `spec/standard-webhooks.md`. The id is the fact's, the
same at each attempt; the time is the attempt's. Only the address in the channels file is asked: no redirect
is followed, and nothing of what comes back is kept but its status.
"""

import hashlib
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from http import HTTPStatus

import urllib3
from standardwebhooks.webhooks import Webhook

from notifications.errors import ChannelError, ChannelRefused, ChannelUnavailable
from notifications.message import Message
from notifications.slack_errors import retry_after

TIMEOUT_S = 15
LATER = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}


def utc_now() -> datetime:
    """The wall clock, passed in so that tests can set it."""
    return datetime.now(UTC)


class WebhookChannel:
    """One address that is told of events of some types, or of all; signed with each of its secrets."""

    def __init__(
        self,
        name: str,
        url: str,
        secrets: Sequence[str],
        events: Collection[str] = (),
        *,
        now: Callable[[], datetime] = utc_now,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._name = name
        self._url = url
        self._signers = [Webhook(secret) for secret in secrets]
        self._events = frozenset(events)
        self._now = now
        self._http = urllib3.PoolManager(timeout=urllib3.Timeout(total=timeout_s))

    @property
    def name(self) -> str:
        """As the channels file calls it."""
        return self._name

    def __repr__(self) -> str:
        return f"WebhookChannel({self._name!r}, …)"

    def takes(self, message: Message) -> bool:
        """Events of its types."""
        return message.event is not None and (not self._events or message.event.type in self._events)

    def send(self, message: Message, *, since: datetime | None = None) -> None:  # noqa: ARG002 the id tells
        """POST the event. Raises ChannelUnavailable or ChannelRefused with the status."""
        if message.event is None:
            raise ChannelRefused(f"'{self._name}' is told of events only")
        body = message.event.model_dump_json()
        try:
            answer = self._http.request(
                "POST",
                self._url,
                body=body.encode(),
                headers=self._headers(f"msg_{hashlib.sha256(message.key.encode()).hexdigest()}", body),
                redirect=False,
                retries=False,
                preload_content=False,
            )
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            # `from None`: the cause quotes the address, which may hold a secret.
            raise ChannelUnavailable(f"'{self._name}' could not be reached: {type(error).__name__}") from None
        told = retry_after(dict(answer.headers))
        answer.drain_conn() if answer.status == HTTPStatus.NO_CONTENT else answer.close()
        if failure := self._failure(answer.status, told):
            raise failure

    def _headers(self, message_id: str, body: str) -> dict[str, str]:
        now = self._now()
        signed = [signer.sign(msg_id=message_id, timestamp=now, data=body) for signer in self._signers]
        return {
            "Content-Type": "application/json",
            "User-Agent": "Gatehouse",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signed),
        }

    def _failure(self, status: int, after: float | None) -> ChannelError | None:
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return None
        words = f"'{self._name}' answered {status}"
        if status in LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return ChannelUnavailable(words, retry_after=after)
        if status == HTTPStatus.GONE:
            return ChannelRefused(f"{words}: it wants no more of this; take it out of the channels file")
        return ChannelRefused(words)
