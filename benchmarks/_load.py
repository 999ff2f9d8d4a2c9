"""The load: so many connections, each with one request under way, from one process of its own.

`python _load.py PORT PATH CONNECTIONS SECONDS RATE SECRET`; RATE 0 is as fast as the answers come. A request
that had to wait for a free connection counts from the moment it was due. Prints one JSON object.
"""

import base64
import hmac
import itertools
import json
import selectors
import socket
import sys
import time
import uuid
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

SIZE = 600
MODELS = 50
AHEAD = 12_000


def requests(path: str, secret: str) -> Iterator[bytes]:
    """Signed deliveries without end, each new, of 600-byte bodies; some versions are told of twice."""
    run = uuid.uuid4().hex[:12]
    for number in itertools.count():
        data = {
            "name": f"model-{number % MODELS}",
            "version": str(1 + number // MODELS),
            "source": "models:/m",
        }
        told = {"entity": "model_version", "action": "created", "timestamp": "", "data": data}
        told["padding"] = "x" * (SIZE - len(json.dumps(told)) - len(', "padding": ""'))
        body = json.dumps(told).encode()
        delivery, stamp = f"{run}-{number}", str(int(time.time()))
        digest = hmac.digest(secret.encode(), f"{delivery}.{stamp}.".encode() + body, "sha256")
        yield (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n"
            f"X-MLflow-Delivery-Id: {delivery}\r\nX-MLflow-Timestamp: {stamp}\r\n"
            f"X-MLflow-Signature: v1,{base64.b64encode(digest).decode()}\r\n\r\n"
        ).encode() + body


@dataclass
class Load:
    """One run against one server; `took` has a latency in seconds for every answer."""

    port: int
    rate: float
    made: Iterator[bytes]
    took: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    poll: selectors.DefaultSelector = field(default_factory=selectors.DefaultSelector)
    due: dict[socket.socket, float] = field(default_factory=dict)
    partly: dict[socket.socket, bytes] = field(default_factory=dict)
    free: deque[socket.socket] = field(default_factory=deque)

    def run(self, connections: int, seconds: float) -> None:
        """Send for so long, then wait for the answers that are still under way."""
        # Before the connections are made: a server closes those that stay idle for long.
        ready = deque(itertools.islice(self.made, int(seconds * (self.rate or AHEAD))))
        for _ in range(connections):
            self.free.append(self._connect())
            time.sleep(0.005)  # in turn, so that processes behind one port share the connections
        began = time.perf_counter()
        sent = 0
        while (now := time.perf_counter()) < began + seconds:
            while self.free and (not self.rate or began + sent / self.rate <= now):
                self._send(
                    ready.popleft() if ready else next(self.made),
                    began + sent / self.rate if self.rate else now,
                )
                sent += 1
            self._receive(0.001 if self.rate else 0.5)
        while self.due and time.perf_counter() < began + seconds + 10:
            self._receive(0.5)

    def _connect(self) -> socket.socket:
        link = socket.create_connection(("127.0.0.1", self.port))
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.poll.register(link, selectors.EVENT_READ)
        return link

    def _send(self, request: bytes, due: float) -> None:
        link = self.free.popleft()
        self.due[link] = due
        link.sendall(request)

    def _receive(self, wait_s: float) -> None:
        for key, _ in self.poll.select(wait_s):
            link = key.fileobj
            came = link.recv(65536)
            answer = self.partly[link] = self.partly.pop(link, b"") + came
            if came and not complete(answer):
                continue
            self.partly.pop(link)
            self._count(link, answer[9:12].decode() if came else "lost")
            if not came or b"connection: close" in answer.lower():
                self.poll.unregister(link)
                link.close()
                link = self._connect()
            self.free.append(link)

    def _count(self, link: socket.socket, status: str) -> None:
        self.took.append(time.perf_counter() - self.due.pop(link))
        self.statuses[status] = self.statuses.get(status, 0) + 1


def complete(answer: bytes) -> bool:
    """Whether all of an answer is here; ours all have a Content-Length."""
    head, end, body = answer.partition(b"\r\n\r\n")
    _, _, length = head.lower().partition(b"content-length: ")
    return bool(end) and len(body) >= int(length.split(b"\r\n")[0])


def main(words: list[str]) -> None:
    port, path, connections, seconds, rate, secret = words
    load = Load(int(port), float(rate), requests(path, secret))
    load.run(int(connections), float(seconds))
    took = sorted(load.took)
    figures = {"rps": len(took) / float(seconds), "p50_ms": took[len(took) // 2] * 1e3}
    figures |= {"p99_ms": took[int(len(took) * 0.99)] * 1e3, "max_ms": took[-1] * 1e3}
    print(json.dumps(figures | {"statuses": load.statuses}))


if __name__ == "__main__":
    main(sys.argv[1:])
