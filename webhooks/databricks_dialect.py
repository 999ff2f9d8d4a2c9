"""The dialect of Databricks' workspace model registry. Pure: bytes and a clock in, values out.

Source: its documentation, which gives examples for three events and names the others; so unknown fields and
events are taken as they come. Signature is hex of HMAC-SHA256 over the body. No header carries an id or a
time: a digest of the body stands for the id, and `event_timestamp` is all that tells an old delivery.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from registry.events import OWN_TAGS, EventKind, RegistryEvent
from registry.words import Stage
from webhooks.bodies import mapping, name_if_any, read_object, text, texts, version
from webhooks.errors import DeliveryInvalid, SignatureInvalid
from webhooks.signatures import Headers, from_hex, signed_by_any

SOURCE = "databricks"
TOLERANCE_S = 3600
"""How its retries are spaced is not documented; a repetition is found by its digest at any age."""

KINDS = {
    "REGISTERED_MODEL_CREATED": EventKind.MODEL_CREATED,
    "MODEL_VERSION_CREATED": EventKind.VERSION_CREATED,
    "MODEL_VERSION_TRANSITIONED_STAGE": EventKind.STAGE_CHANGED,
    "MODEL_VERSION_TRANSITIONED_TO": EventKind.STAGE_CHANGED,
    "MODEL_VERSION_TAG_SET": EventKind.TAG_SET,
    "TRANSITION_REQUEST_CREATED": EventKind.TRANSITION_REQUESTED,
    "TRANSITION_REQUEST_TO": EventKind.TRANSITION_REQUESTED,
}
_NAMED_STAGE = re.compile(r"(.+_TO)_(STAGING|PRODUCTION|ARCHIVED)(?:_CREATED)?")
_JOB_PARAMETERS = ("notebook_params", "python_named_params", "job_parameters", "python_params", "jar_params")
_SAID = 5000


def verify(headers: Headers, body: bytes, *, secrets: Sequence[str], now: float) -> str:
    """Check signature and, where the body tells its time, age; an id made of the body comes back.

    `now` is in unix seconds. Raises SignatureInvalid, saying no more, and
    DeliveryInvalid for a signed body that cannot be read.
    """
    given = from_hex(headers.get("x-databricks-signature", ""))
    if not signed_by_any([secret.encode() for secret in secrets], body, [given]):
        raise SignatureInvalid("the signature does not match")
    happened = _time(_payload(body))
    if happened is not None and abs(now - happened.timestamp()) > TOLERANCE_S:
        raise SignatureInvalid("the delivery is too old")
    return f"{SOURCE}:{hashlib.sha256(body).hexdigest()}"


def parse(body: bytes) -> RegistryEvent:
    """Read one body, bare or wrapped for a job. Raises DeliveryInvalid with what is wrong and where."""
    told = _payload(body)
    event = text(told, "event")
    named = _NAMED_STAGE.fullmatch(event)
    kind = KINDS.get(named[1] if named else event)
    if kind is None:
        return _foreign(told, event)
    to_stage = Stage.parse(named[2]) if named else _stage(told, "to_stage")
    if kind is EventKind.STAGE_CHANGED and to_stage is None:
        raise DeliveryInvalid("'to_stage' must be one of None, Staging, Production, Archived")
    return RegistryEvent(
        kind=kind,
        model=text(told, "model_name"),
        version=None if kind is EventKind.MODEL_CREATED else version(told),
        from_stage=_stage(told, "from_stage"),
        to_stage=to_stage,
        detail=_tag(told) if kind is EventKind.TAG_SET else texts(told, "text", "comment", limit=_SAID),
        at=_time(told),
    )


def _foreign(told: Mapping[str, Any], event: str) -> RegistryEvent:
    """A comment, or an event of a later Databricks: recorded, and nothing follows."""
    said = {"sender": event} | texts(told, "comment", limit=None)
    return RegistryEvent(
        kind=EventKind.FOREIGN, model=name_if_any(told, "model_name"), detail=said, at=_time(told)
    )


def _payload(body: bytes) -> Mapping[str, Any]:
    """The event itself: jobs are given it as text among their parameters, alone or by name."""
    told = read_object(body)
    if "event" in told:
        return told
    for name in _JOB_PARAMETERS:
        parameters = told.get(name)
        message = parameters.get("event_message") if isinstance(parameters, dict) else parameters
        first = message[0] if isinstance(message, list) and message else message
        if isinstance(first, str):
            return read_object(first)
    raise DeliveryInvalid("there is no 'event', neither in the body nor among the parameters of a job")


def _time(told: Mapping[str, Any]) -> datetime | None:
    milliseconds = told.get("event_timestamp")
    if milliseconds is None:
        return None
    try:
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise DeliveryInvalid("'event_timestamp' must be milliseconds since 1970") from error


def _stage(told: Mapping[str, Any], key: str) -> Stage | None:
    try:
        return Stage.parse(str(told.get(key, "")))
    except ValueError:
        return None


def _tag(told: Mapping[str, Any]) -> dict[str, str]:
    """The tag that speaks for all that were set at once: one that is not our own, if there is any."""
    given = told.get("tags")
    if not isinstance(given, list) or not given:
        raise DeliveryInvalid("'tags' must be a list of tags")
    tags = [mapping(tag, "each of 'tags'") for tag in given]
    tag = min(tags, key=lambda tag: text(tag, "key").startswith(OWN_TAGS))
    return texts(tag, "key") | texts(tag, "value", limit=None)
