"""Signed deliveries at a steady rate; prints the name in each, and when it was sent (`time.time`), as JSON.

`python _deliveries.py PORT RATE SECONDS SECRET`.
"""

import base64
import hmac
import http.client
import json
import sys
import time
import uuid
from http import HTTPStatus


def main(port: int, rate: float, seconds: float, secret: str) -> None:
    """One after the other, each at its moment."""
    sent = {}
    began = time.time()
    for number in range(int(rate * seconds)):
        time.sleep(max(0.0, began + number / rate - time.time()))
        name = f"told-{number:06}"
        sent[name] = time.time()
        deliver(port, name, secret)
    print(json.dumps(sent))


def deliver(port: int, name: str, secret: str) -> None:
    """One delivery, as MLflow would send it; it must be taken."""
    data = {"name": name, "version": "1", "source": "models:/m"}
    told = {"entity": "model_version", "action": "created", "timestamp": "", "data": data}
    body = json.dumps(told).encode()
    delivery, stamp = uuid.uuid4().hex, str(int(time.time()))
    digest = hmac.digest(secret.encode(), f"{delivery}.{stamp}.".encode() + body, "sha256")
    headers = {
        "Content-Type": "application/json",
        "X-MLflow-Delivery-Id": delivery,
        "X-MLflow-Timestamp": stamp,
        "X-MLflow-Signature": f"v1,{base64.b64encode(digest).decode()}",
    }
    link = http.client.HTTPConnection("127.0.0.1", port)
    link.request("POST", "/webhooks/mlflow", body, headers)
    if (status := link.getresponse().status) != HTTPStatus.ACCEPTED:
        raise SystemExit(f"the receiver answered {status}")
    link.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), sys.argv[4])
