"""MLflow's webhook dialect: its headers, its signature, its bodies. Pure: bytes and a clock in, values out.

Source: MLflow 3.17 `mlflow/webhooks`, and deliveries captured live. Signature is base64 of HMAC-SHA256 over
`{id}.{timestamp}.{body}` with the raw secret; id, timestamp and signature stay the same over its retries.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from registry.events import EventKind, RegistryEvent
from webhooks.bodies import mapping, name_if_any, read_object, text, texts, version
from webhooks.errors import SignatureInvalid
from webhooks.signatures import ID_MAX, Headers, from_base64, is_fresh, signed_by_any

SOURCE = "mlflow"
TOLERANCE_S = 900
"""MLflow retries for about 7 s, and waits up to 60 s each time when told to: no retry may be too old."""

KINDS = {
    ("registered_model", "created"): EventKind.MODEL_CREATED,
    ("model_version", "created"): EventKind.VERSION_CREATED,
    ("model_version_tag", "set"): EventKind.TAG_SET,
    ("model_version_tag", "deleted"): EventKind.TAG_DELETED,
    ("model_version_alias", "created"): EventKind.ALIAS_SET,
    ("model_version_alias", "deleted"): EventKind.ALIAS_DELETED,
}
_OF_A_VERSION = {EventKind.VERSION_CREATED, EventKind.TAG_SET, EventKind.TAG_DELETED, EventKind.ALIAS_SET}
SAMPLE_MODEL = "example_model"
_SAMPLE = {
    "name": SAMPLE_MODEL,
    "version": "1",
    "source": "models:/123",
    "run_id": "abcd1234abcd5678",
    "tags": {"example_key": "example_value"},
    "key": "example_key",
    "value": "example_value",
    "alias": "example_alias",
}
"""What MLflow's own test sends, with nothing to mark it (`mlflow/webhooks/types.py`)."""


def verify(headers: Headers, body: bytes, *, secrets: Sequence[str], now: float) -> str:
    """Check signature and age; the delivery's id comes back. Raises SignatureInvalid, saying no more.

    `now` is in unix seconds.
    """
    delivery_id = headers.get("x-mlflow-delivery-id", "")
    timestamp = headers.get("x-mlflow-timestamp", "")
    kind, _, given = headers.get("x-mlflow-signature", "").partition(",")
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    keys = [secret.encode() for secret in secrets]
    same = signed_by_any(keys, signed, [from_base64(given)])
    if not (same and kind == "v1" and 0 < len(delivery_id) <= ID_MAX):
        raise SignatureInvalid("the signature does not match")
    if not is_fresh(timestamp, now=now, tolerance_s=TOLERANCE_S):
        raise SignatureInvalid("the delivery is too old")
    return delivery_id


def parse(body: bytes) -> RegistryEvent:
    """Read one body. Raises DeliveryInvalid with what is wrong and where.

    The envelope's time is that of sending, so it says nothing of when something happened.
    """
    envelope = read_object(body)
    entity, action = text(envelope, "entity"), text(envelope, "action")
    data = mapping(envelope.get("data"), "data")
    claimed = texts(envelope, "workspace")
    kind = KINDS.get((entity, action))
    if kind is None:
        foreign = {"sender": f"{entity}.{action}"} | claimed
        return RegistryEvent(kind=EventKind.FOREIGN, model=name_if_any(data, "name"), detail=foreign)
    told = texts(data, "key", "alias") | texts(data, "value", limit=None)
    return RegistryEvent(
        kind=kind,
        model=text(data, "name"),
        version=version(data) if "version" in data or kind in _OF_A_VERSION else None,
        detail=told | claimed | ({"sample": SOURCE} if _is_sample(data) else {}),
    )


def _is_sample(data: Mapping[str, Any]) -> bool:
    return all(value == _SAMPLE.get(key) for key, value in data.items() if key != "description")
