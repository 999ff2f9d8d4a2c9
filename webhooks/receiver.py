"""The Flask receiver: verify, store, ring, 202. It says nothing of what becomes of a delivery.

Answers: 202 taken (also when it came before), 400 not understood, 401 not signed or too old, 404 no such
dialect or no secret for it, 413 too large, 415 not JSON or packed, 503 the ledger does not answer (the sender
tries again; nothing was stored).
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import get_args

from flask import Flask, Request, Response, jsonify, request
from sqlalchemy import Engine
from werkzeug.exceptions import HTTPException, NotFound, RequestEntityTooLarge, UnsupportedMediaType

from ledger.engine import reading
from ledger.errors import LedgerUnavailable
from ledger.inbox import Delivery
from ledger.migrate import HEAD
from webhooks.dialects import DIALECTS, Dialect
from webhooks.errors import DeliveryInvalid, SignatureInvalid
from webhooks.settings import BODY_MAX
from webhooks.take import Aside, Incoming, Intake, Taken, at_once
from workers.bell import Bell

RETRY_AFTER_S = 5

JSON = {"Content-Type": "application/json"}
TAKEN: Mapping[Taken, str] = {taken: f'{{"status": "{taken}"}}\n' for taken in get_args(Taken)}
"""Written once: at thousands a second the answer is what costs."""

log = logging.getLogger(__name__)
Answer = tuple[Response, int] | tuple[Response, int, dict[str, str]] | tuple[str, int, dict[str, str]]
Secrets = Mapping[str, Sequence[str]]


def utc_now() -> datetime:
    """The wall clock, passed in so that tests can set it."""
    return datetime.now(UTC)


def create_app(
    engine: Engine,
    bell: Bell,
    *,
    secrets: Secrets,
    workspaces: Sequence[str] = (),
    aside: Aside = at_once,
    now: Callable[[], datetime] = utc_now,
) -> Flask:
    """The receiver as a WSGI app over one ledger, one bell, and the valid secrets of each source.

    `aside` is how a group of deliveries is committed while others come in.
    """
    app = Flask(__name__, static_folder=None)
    intake = Intake(engine, workspaces, aside=aside)
    # Of a body in chunks, Flask reads so much and hides that there is more: one byte more shows it.
    app.config["MAX_CONTENT_LENGTH"] = BODY_MAX + 1
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(SignatureInvalid, _unsigned)
    app.register_error_handler(DeliveryInvalid, _unread)
    app.register_error_handler(LedgerUnavailable, _later)

    @app.get("/healthz")
    def healthz() -> Answer:
        with reading(engine) as session:
            session.connection()  # a session alone asks nothing of the database
            return jsonify(status="ok", ledger=HEAD), HTTPStatus.OK

    @app.post("/webhooks/<source>")
    def receive(source: str) -> Answer:
        dialect = _dialect(source, secrets)
        body = _body(request)
        delivery_id = dialect.verify(request.headers, body, secrets=secrets[source], now=now().timestamp())
        event = dialect.parse(body)
        delivery = Delivery(delivery_id, source, body.decode(), now())
        taken = intake.take(Incoming(delivery, event))
        log.info("delivery_id=%s model_name=%r version=%s %s", delivery_id, event.model, event.version, taken)
        if taken == "accepted":
            bell.ring()
        return TAKEN[taken], HTTPStatus.ACCEPTED, JSON

    return app


def _dialect(source: str, secrets: Secrets) -> Dialect:
    dialect = DIALECTS.get(source)
    if dialect is None:
        raise NotFound(f"webhooks are taken at {', '.join(known.path for known in DIALECTS.values())}")
    if not secrets.get(source):
        raise NotFound(f"{dialect.path} is not listened to: GATEHOUSE_{dialect.setting.upper()} is not set")
    return dialect


def _body(incoming: Request) -> bytes:
    if incoming.mimetype != "application/json":
        raise UnsupportedMediaType("send Content-Type: application/json")
    if incoming.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("send the body as it is, without Content-Encoding")
    body = incoming.get_data()
    if len(body) > BODY_MAX:
        raise RequestEntityTooLarge
    return body


def _unsigned(error: SignatureInvalid) -> Answer:
    log.warning("refused a delivery to %s from %s: %s", request.path, request.remote_addr, error)
    return jsonify(error="bad or stale signature"), HTTPStatus.UNAUTHORIZED


def _unread(error: DeliveryInvalid) -> Answer:
    log.warning("refused a signed delivery to %s: %s", request.path, error)
    return jsonify(error=str(error)), HTTPStatus.BAD_REQUEST


def _refused(error: HTTPException) -> Answer:
    said = (
        f"a delivery may have {BODY_MAX} bytes"
        if isinstance(error, RequestEntityTooLarge)
        else error.description
    )
    return jsonify(error=said), error.code or HTTPStatus.INTERNAL_SERVER_ERROR


def _later(error: LedgerUnavailable) -> Answer:
    log.error("%s", error)
    return (
        jsonify(error="the ledger does not answer; nothing was stored, try again"),
        HTTPStatus.SERVICE_UNAVAILABLE,
        {"Retry-After": str(RETRY_AFTER_S)},
    )
