"""Deploys what Gatehouse puts into Production: a receiver of its signed events.

    pip install standardwebhooks
    DEPLOY_SECRET=whsec_… python deploy_hook.py 8080

The secret is the one that stands beside this address in the channels file.
"""

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

BYTES_MAX = 64_000
hook = Webhook(os.environ["DEPLOY_SECRET"])
seen: set[str] = set()  # yours outlives a restart: an event may come again


def deploy(model: str, version: int, source: str) -> None:
    """Whatever it takes at your place."""
    print(f"deploying {model} {version} from {source}", flush=True)  # noqa: T201 an example


class Receiver(BaseHTTPRequestHandler):
    """Takes an event if its signature is right and fresh; answers 2xx once it is taken."""

    def do_POST(self) -> None:
        """401 for what is not signed, 204 for the rest."""
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), BYTES_MAX))
        try:
            event = hook.verify(body, dict(self.headers))
        except (WebhookVerificationError, ValueError):
            self._answer(401)
            return
        if self.headers["webhook-id"] not in seen:
            if event["type"] in {"version.promoted", "version.rolled_back"}:
                data = event["data"]
                deploy(data["model"], data["version"], data["source"])
            seen.add(self.headers["webhook-id"])
        self._answer(204)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver)
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)  # noqa: T201 an example
    server.serve_forever()
