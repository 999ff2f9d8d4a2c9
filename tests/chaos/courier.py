"""The network between MLflow and the receiver: it doubles, delays, reorders, forges, and its clocks are off.

It stands for the receiver at MLflow's webhooks and at the plug-in. What it took over by answering for the
receiver it delivers in the end; what the receiver has answered 202 is remembered, to be looked for later.
"""

import base64
import hmac
import itertools
import json
import threading
import time
import uuid
from collections import Counter
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import urllib3

PLUGIN = "/webhooks/gatehouse"
TOLERANCES_S = {PLUGIN: 300, "/webhooks/mlflow": 900}
NAMES = {
    PLUGIN: ("webhook-id", "webhook-timestamp", "webhook-signature"),
    "/webhooks/mlflow": ("X-MLflow-Delivery-Id", "X-MLflow-Timestamp", "X-MLflow-Signature"),
}
FORGERIES = ("another's key", "another body", "unsigned", "another's name", "old")
PATIENCE_S = 60
ACCEPTED, UNAUTHORIZED, UNAVAILABLE = 202, 401, 503


class Courier:
    """Carries deliveries to the receiver at `upstream`, each as the next `mischief` says."""

    def __init__(self, upstream, keys, mischief):
        self._upstream, self._keys = upstream, keys
        self._fates = itertools.cycle(mischief)
        self._pool = urllib3.PoolManager(maxsize=16, retries=False, timeout=10.0)
        self._changing = threading.Lock()
        self._under_way = 0
        self.tricks = Counter()
        self.taken, self.refused, self.forged, self.fooled = set(), {}, set(), {}
        """Ids: answered 202; genuine, yet refused (with the status); forged; forged, yet not refused."""

    def __enter__(self):
        courier = self

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status = courier.carry(self.path, dict(self.headers), body)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def is_idle(self):
        """Whether nothing is on its way."""
        return self._under_way == 0

    def carry(self, path, headers, body):
        """One delivery; the status to answer its sender with."""
        with self._changing:
            fate = next(self._fates)
            self.tricks[fate.trick] += 1
        kept = {name: value for name, value in headers.items() if name.lower() in _KEPT}
        match fate.trick:
            case "held":
                self._later(fate.seconds, self._insist, path, kept, body)
                return ACCEPTED
            case "late":
                time.sleep(fate.seconds)
            case "twice":
                self._later(0.0, self._deliver, path, kept, body)
            case "again":
                self._later(fate.seconds, self._deliver, path, kept, body)
            case "forged":
                self._later(0.0, self._forge, path, kept, body)
            case "clock":
                self._later(0.0, self._skewed, path, body, fate.skew_s)
        return self._deliver(path, kept, body)

    def _later(self, seconds, act, *given):
        def run():
            time.sleep(seconds)
            try:
                act(*given)
            finally:
                with self._changing:
                    self._under_way -= 1

        with self._changing:
            self._under_way += 1
        threading.Thread(target=run, daemon=True).start()

    def _deliver(self, path, headers, body):
        """Once; 503 where the receiver does not answer."""
        status = self._post(path, headers, body)
        name = recorded_id(path, headers)
        if status == ACCEPTED:
            self.taken.add(name)
        elif status < 500:
            self.refused[name] = status
        return status

    def _insist(self, path, headers, body):
        deadline = time.monotonic() + PATIENCE_S
        while self._deliver(path, headers, body) >= 500 and time.monotonic() < deadline:
            time.sleep(0.3)

    def _skewed(self, path, body, skew_s):
        """The same news under another id, from a sender whose clock is off, also within the body."""
        if path == PLUGIN:
            told = json.loads(body)
            happened = datetime.fromisoformat(told["timestamp"]) + timedelta(seconds=skew_s)
            body = json.dumps(told | {"timestamp": happened.isoformat()}).encode()
        name = f"clock-{uuid.uuid4().hex}"
        headers = self.signed(path, name, body, time.time() + skew_s)
        if abs(skew_s) < TOLERANCES_S[path]:
            self._insist(path, headers, body)
        else:
            self._try_to_fool(path, headers, body)

    def _forge(self, path, headers, body):
        """Each way of forging, with news that would do harm."""
        harm = _harmful(path, body)
        for how in FORGERIES:
            name = f"forged-{uuid.uuid4().hex}"
            forged = self.signed(path, name, harm, time.time())
            if how == "another's key":
                forged = self.signed(
                    path, name, harm, time.time(), key=b"mallory's own secret of some length"
                )
            elif how == "another body":
                forged = self.signed(path, name, body, time.time())
            elif how == "unsigned":
                del forged[NAMES[path][2]]
            elif how == "another's name":
                forged = _renamed(path, headers, name)
            elif how == "old":
                forged = self.signed(path, name, harm, time.time() - 86400)
            self._try_to_fool(path, forged, harm)

    def _try_to_fool(self, path, headers, body):
        name = recorded_id(path, headers)
        self.forged.add(name)
        status = self._post(path, headers, body)
        if status not in {UNAUTHORIZED, UNAVAILABLE}:
            self.fooled[name] = status

    def signed(self, path, name, body, at, key=None):
        """Headers as the sender itself would sign them."""
        stamp = str(int(at))
        digest = hmac.digest(key or self._keys[path], f"{name}.{stamp}.".encode() + body, "sha256")
        values = (name, stamp, f"v1,{base64.b64encode(digest).decode()}")
        return dict(zip(NAMES[path], values, strict=True)) | {"Content-Type": "application/json"}

    def _post(self, path, headers, body):
        try:
            answer = self._pool.request("POST", self._upstream + path, body=body, headers=headers)
        except urllib3.exceptions.HTTPError:
            return UNAVAILABLE
        return answer.status


_KEPT = {"content-type", *(name.lower() for names in NAMES.values() for name in names)}


def recorded_id(path, headers):
    """The id under which the ledger keeps a delivery."""
    name = next(value for key, value in headers.items() if key.lower() == NAMES[path][0].lower())
    return f"gatehouse:{name}" if path == PLUGIN else name


def _renamed(path, headers, name):
    """A genuine signature and time under a name that they are not for."""
    signed = {key.lower(): value for key, value in headers.items()}
    genuine = {key: signed[key.lower()] for key in (*NAMES[path], "Content-Type")}
    return genuine | {NAMES[path][0]: name}


def _harmful(path, body):
    """The same version, said to be gone or to be a new one to look at."""
    told = json.loads(body)
    if path == PLUGIN:
        told |= {"type": "model_version.deleted"}
    told["data"] = told["data"] | {"actor": "mallory"}
    return json.dumps(told).encode()
