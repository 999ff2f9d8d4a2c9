"""A receiver that keeps what it is sent, and takes only what is signed as Standard Webhooks has it."""

import base64
import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = bytes(range(32))
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"


class Inbox:
    """A receiver of webhooks: `answer` is its status, `deliveries` are the bodies it took, with id and time."""

    def __init__(self):
        self.answer = 202
        self.refuse = None
        self.seen = []
        self.deliveries = []
        self.arrived = threading.Condition()
        self._port = 0
        self.open()

    def open(self):
        inbox = self

        class Taking(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = inbox.receive(self.path, self.headers, body)
                self.send_response(status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_):
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Taking)
        self._port = self._server.server_port
        self.url = f"http://127.0.0.1:{self._port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def receive(self, path, headers, body):
        """Take what Standard Webhooks would take, by a second reading of its specification."""
        signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
        wanted = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
        assert path == "/webhooks/gatehouse"
        assert headers["webhook-signature"] == f"v1,{wanted}"
        assert abs(time.time() - int(headers["webhook-timestamp"])) < 10
        told = json.loads(body) | {"id": headers["webhook-id"]}
        with self.arrived:
            self.seen.append(told)
            status = 400 if self.refuse and self.refuse(told["data"]) else self.answer
            if status < 300:
                self.deliveries.append(told)
            self.arrived.notify_all()
        return status

    def moves(self, name):
        """What was delivered of one registered model: (version, from, to) each."""
        with self.arrived:
            mine = [each["data"] for each in self.deliveries if each["data"]["name"] == name]
        return [(int(data["version"]), data["from_stage"], data["to_stage"]) for data in mine]

    def wait_for(self, name, number, seconds=20):
        """The first so many moves of one model. Fails when they do not come."""
        deadline = time.monotonic() + seconds
        with self.arrived:
            while len(moves := self.moves(name)) < number:
                assert self.arrived.wait(deadline - time.monotonic()), f"only {moves} came"
        return moves
