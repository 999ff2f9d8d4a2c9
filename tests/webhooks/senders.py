"""Signs a body as each sender does; written after the senders' own documentation, not after our verifiers."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from pathlib import Path

FIXTURES = Path(__file__).parent / "fixtures"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PLUGIN_SECRET = "whsec_" + base64.b64encode(b"thirty-two bytes of a secret key").decode()
SECRETS = {
    "mlflow": ["a webhook secret"],
    "databricks": ["a databricks secret"],
    "gatehouse": [PLUGIN_SECRET],
}


def mlflow(body, *, secret="a webhook secret", delivery="d-1", at=NOW):
    stamp = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), f"{delivery}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "X-MLflow-Delivery-Id": delivery,
        "X-MLflow-Timestamp": stamp,
        "X-MLflow-Signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def databricks(body, *, secret="a databricks secret", **_ignored):
    return {"X-Databricks-Signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def gatehouse(body, *, secret=PLUGIN_SECRET, delivery="d-1", at=NOW):
    stamp = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{delivery}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": delivery,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1a,bm90aGluZw== v1,{base64.b64encode(digest).decode()}",
    }


SIGN = {"mlflow": mlflow, "databricks": databricks, "gatehouse": gatehouse}


def post(client, source, body, *, headers=None, **signing):
    signed = {"Content-Type": "application/json"} | SIGN[source](body, **signing) | (headers or {})
    return client.post(f"/webhooks/{source}", data=body, headers=signed)


def recorded(source, event):
    """The body of a fixture, as it was sent."""
    return (FIXTURES / source / f"{event}.json").read_bytes()
