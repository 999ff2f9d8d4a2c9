"""One change as it goes over the wire: Standard Webhooks' headers and body. Pure.

Source: the Standard Webhooks specification. The id stays the same over all attempts; the time of the attempt
and the signature are made anew each time.
"""

import base64
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime

DELETED = "Deleted_Internal"
"""The stage in which MLflow keeps a version that was deleted."""


@dataclass(frozen=True)
class Change:
    """A version has left a stage for another; `happened_ms` is in unix milliseconds."""

    message_id: str
    name: str
    version: int
    from_stage: str | None
    to_stage: str
    actor: str | None
    workspace: str | None
    happened_ms: int


def body_of(change: Change) -> bytes:
    """The JSON that is signed and sent; the same bytes for the same change."""
    happened = datetime.fromtimestamp(change.happened_ms / 1000, UTC)
    kind = "deleted" if change.to_stage == DELETED else "stage_changed"
    told = {
        "type": f"model_version.{kind}",
        "timestamp": happened.isoformat(timespec="milliseconds"),
        "data": {
            "name": change.name,
            "version": str(change.version),
            "from_stage": change.from_stage,
            "to_stage": change.to_stage,
            "actor": change.actor,
            "workspace": change.workspace,
        },
    }
    return json.dumps(told, separators=(",", ":")).encode()


def headers_of(message_id: str, body: bytes, *, key: bytes, now: float) -> dict[str, str]:
    """The headers of one attempt at `now`, in unix seconds."""
    timestamp = str(int(now))
    signature = hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, "sha256")
    return {
        "Content-Type": "application/json",
        "User-Agent": "gatehouse-server-plugin",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }
