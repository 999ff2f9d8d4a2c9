"""Where Slack delivers clicks: verify, keep, ring, 200 within the three seconds that it waits.

Signed by `v0` over the raw body (https://docs.slack.dev/authentication/verifying-requests-from-slack). What
is pressed is kept in the ledger before the answer, and acted on by the workers; a dialog alone is opened
here, for its trigger lives for three seconds. What comes twice is kept once.
"""

import hashlib
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from flask import Blueprint, Request, request
from slack_sdk.signature import Clock, SignatureVerifier
from sqlalchemy import Engine
from werkzeug.exceptions import BadGateway, RequestEntityTooLarge, UnsupportedMediaType

from ledger import interactions
from ledger.engine import writing
from ledger.errors import LedgerInvalid
from notifications.errors import ChannelError
from notifications.slack_clicks import Click, Opening, PayloadInvalid, read_payload
from webhooks.errors import DeliveryInvalid, SignatureInvalid
from webhooks.settings import BODY_MAX
from workers.bell import Bell
from workers.queue import INTERACT

PATH = "/slack/interactions"
VIEW_TIMEOUT_S = 2

log = logging.getLogger(__name__)
Aside = Callable[[Callable[[], bool]], bool]
"""Runs what waits for the disk, here or in a thread."""


class _Time(Clock):
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def now(self) -> float:
        return self._seconds


def at_once(store: Callable[[], bool]) -> bool:
    """In this thread."""
    return store()


def slack_interactions(
    engine: Engine,
    bell: Bell,
    *,
    secrets: Sequence[str],
    open_view: Callable[[str, dict[str, Any]], None],
    now: Callable[[], datetime],
    aside: Aside = at_once,
) -> Blueprint:
    """The one route. `open_view` opens a dialog by its trigger, and raises ChannelError."""
    door = Blueprint("slack", __name__)

    @door.post(PATH)
    def take() -> tuple[str, int]:
        body = _body(request)
        _verify(body, request, secrets, now())
        asked = _read(body)
        if isinstance(asked, Opening):
            _open(asked, open_view)
        elif isinstance(asked, Click) and aside(lambda: _keep(engine, body, asked, now())):
            bell.ring(INTERACT)
        return "", HTTPStatus.OK

    return door


def _body(incoming: Request) -> bytes:
    if incoming.mimetype != "application/x-www-form-urlencoded":
        raise UnsupportedMediaType("Slack sends application/x-www-form-urlencoded")
    body = incoming.get_data(parse_form_data=False)
    if len(body) > BODY_MAX:
        raise RequestEntityTooLarge
    return body


def _verify(body: bytes, incoming: Request, secrets: Sequence[str], now: datetime) -> None:
    """Not older than five minutes, and compared in constant time, both by Slack's own library."""
    timestamp = incoming.headers.get("X-Slack-Request-Timestamp", "")
    signature = incoming.headers.get("X-Slack-Signature", "")
    readable = timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 15 and signature.isascii()  # noqa: PLR2004 digits
    clock = _Time(now.timestamp())
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise SignatureInvalid("Slack signs UTF-8") from error
    verifiers = [SignatureVerifier(secret, clock) for secret in secrets]
    if not (readable and any(each.is_valid(text, timestamp, signature) for each in verifiers)):
        raise SignatureInvalid("the signature does not match, or is too old")


def _read(body: bytes) -> Click | Opening | None:
    try:
        fields = parse_qs(body.decode(), strict_parsing=True, max_num_fields=10)
        return read_payload(fields["payload"][0])
    except (ValueError, KeyError, PayloadInvalid) as error:
        said = error if isinstance(error, PayloadInvalid) else "there is no field 'payload'"
        raise DeliveryInvalid(str(said)) from error


def _open(opening: Opening, open_view: Callable[[str, dict[str, Any]], None]) -> None:
    """A dialog that did not open is no click lost: Slack shows that it failed, and it is pressed again."""
    try:
        open_view(opening.trigger, opening.view)
    except ChannelError as error:
        log.warning("a dialog could not be opened: %s", error)
        raise BadGateway("the dialog could not be opened") from error


def _keep(engine: Engine, body: bytes, click: Click, now: datetime) -> bool:
    """Keep it; False if exactly it came before. Its trigger makes two clicks two, a replay is one."""
    try:
        with writing(engine) as session:
            id_ = f"slack:{hashlib.sha256(body).hexdigest()}"
            return interactions.store(session, id_, click.model_dump_json(), now)
    except LedgerInvalid as error:
        raise DeliveryInvalid(str(error)) from error
