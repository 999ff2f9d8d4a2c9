"""A forwarder in front of MLflow that remembers what each request was about and how long it took.

The workers speak to it as to MLflow: when work begins, and how much of it was MLflow's own time, is seen from
outside, without a line of measuring code in the product.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote_plus

import urllib3


@dataclass(frozen=True)
class Seen:
    """One request: its text, path and body, and its times by the clock of `time.time`."""

    text: str
    began: float
    ended: float


class Watched:
    """What was seen so far."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._seen: list[Seen] = []

    def about(self, name: str) -> list[Seen]:
        """The requests that name a model, in the order in which they ended."""
        return [seen for seen in list(self._seen) if name in seen.text]

    def add(self, seen: Seen) -> None:
        """Remember one."""
        self._seen.append(seen)


@contextmanager
def watched(upstream: str) -> Iterator[Watched]:
    """A forwarder to the MLflow at `upstream`, for as long as the block lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Forwarder)
    server.daemon_threads = True
    found = Watched(f"http://127.0.0.1:{server.server_port}")
    _Forwarder.upstream, _Forwarder.found = upstream, found
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


class _Forwarder(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One packet an answer: two would wait for each other's acknowledgement, 40 ms each time.
    wbufsize = -1
    pool = urllib3.PoolManager(maxsize=16)
    upstream = ""
    found: Watched

    def _forward(self) -> None:
        began = time.time()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        answer = self.pool.request(
            self.command, self.upstream + self.path, body=body, headers=headers, redirect=False
        )
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers.get("Content-Type", "application/json"))
        self.send_header("Content-Length", str(len(answer.data)))
        self.end_headers()
        self.wfile.write(answer.data)
        text = f"{unquote_plus(self.path)} {body.decode(errors='replace')}"
        self.found.add(Seen(text, began, time.time()))

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _forward  # noqa: N815 names of http.server

    def log_message(self, *_: object) -> None:
        """Say nothing."""
