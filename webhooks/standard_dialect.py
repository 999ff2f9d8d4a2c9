"""Standard Webhooks, as Gatehouse's plug-in of the MLflow server speaks it. Pure: bytes and a clock in.

Source: https://github.com/standard-webhooks/standard-webhooks, `spec/standard-webhooks.md`. The secret is
`whsec_` and base64 of 24 to 64 bytes; the header may carry several signatures, one of which must match.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from registry.events import EventKind, RegistryEvent
from registry.words import Stage
from registry.workspaces import qualified
from webhooks.bodies import mapping, name_if_any, read_object, text, texts, version
from webhooks.errors import DeliveryInvalid, SignatureInvalid
from webhooks.signatures import ID_MAX, Headers, from_base64, is_fresh, signed_by_any

SOURCE = "gatehouse"
TOLERANCE_S = 300
"""The sender signs anew at each attempt, so a retry is never old."""
PREFIX = "whsec_"
KEY_BYTES = range(24, 65)

KINDS = {
    "model_version.stage_changed": EventKind.STAGE_CHANGED,
    "model_version.deleted": EventKind.VERSION_DELETED,
}


def key_of(secret: str) -> bytes:
    """The key that a secret stands for. Raises ValueError, without quoting it."""
    key = from_base64(secret.removeprefix(PREFIX)) if secret.startswith(PREFIX) else b""
    if len(key) not in KEY_BYTES:
        raise ValueError(f"a secret of Standard Webhooks is {PREFIX} and base64 of 24 to 64 random bytes")
    return key


def verify(headers: Headers, body: bytes, *, secrets: Sequence[str], now: float) -> str:
    """Check signature and age; the delivery's id comes back. Raises SignatureInvalid, saying no more.

    `now` is in unix seconds.
    """
    delivery_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    listed = [each.partition(",") for each in headers.get("webhook-signature", "").split()]
    given = [from_base64(signature) for kind, _, signature in listed if kind == "v1"]
    same = signed_by_any([key_of(secret) for secret in secrets], signed, given)
    if not (same and 0 < len(delivery_id) <= ID_MAX):
        raise SignatureInvalid("the signature does not match")
    if not is_fresh(timestamp, now=now, tolerance_s=TOLERANCE_S):
        raise SignatureInvalid("the delivery is too old")
    return f"{SOURCE}:{delivery_id}"


def parse(body: bytes) -> RegistryEvent:
    """Read one body. Raises DeliveryInvalid with what is wrong and where."""
    envelope = read_object(body)
    kind = KINDS.get(name := text(envelope, "type"))
    data = mapping(envelope.get("data"), "data")
    if kind is None:
        return RegistryEvent(kind=EventKind.FOREIGN, model=name_if_any(data, "name"), detail={"sender": name})
    return RegistryEvent(
        kind=kind,
        model=qualified(data.get("workspace"), text(data, "name")),
        version=version(data),
        from_stage=_stage_if_any(data.get("from_stage")),
        to_stage=_to_stage(data) if kind is EventKind.STAGE_CHANGED else None,
        detail=texts(data, "actor"),
        at=_time(envelope),
    )


def _to_stage(data: Mapping[str, Any]) -> Stage:
    stage = _stage_if_any(data.get("to_stage"))
    if stage is None:
        raise DeliveryInvalid("'to_stage' must be one of None, Staging, Production, Archived")
    return stage


def _stage_if_any(told: Any) -> Stage | None:
    """MLflow also has a stage for what was deleted, which is nowhere to us."""
    try:
        return Stage.parse(str(told or ""))
    except ValueError:
        return None


def _time(envelope: Mapping[str, Any]) -> datetime:
    try:
        happened = datetime.fromisoformat(text(envelope, "timestamp"))
        if happened.tzinfo is not None:
            return happened
    except ValueError as error:
        raise DeliveryInvalid("'timestamp' must be a time in ISO 8601") from error
    raise DeliveryInvalid("'timestamp' must name its time zone")
