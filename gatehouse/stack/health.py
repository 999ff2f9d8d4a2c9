"""Ways to see that a service does its work. Each answers at once: yes, or not yet."""

import socket
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from typing import Protocol

from gatehouse.stack.ports import HOST

_WAIT_S = 1.0
_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Check(Protocol):
    """Asked again and again until it says yes."""

    def __call__(self, log: str) -> bool:
        """Whether the service is up; `log` is what it has written since it was started."""


@dataclass(frozen=True)
class HttpAnswers:
    """A GET of this address is answered with a success."""

    url: str

    def __call__(self, log: str) -> bool:  # noqa: ARG002 the log is other checks' evidence
        """Ask, past any proxy."""
        try:
            with _NO_PROXY.open(self.url, timeout=_WAIT_S):
                return True
        except (OSError, HTTPException):
            return False


@dataclass(frozen=True)
class RedisAnswers:
    """Redis on this port answers PING."""

    port: int

    def __call__(self, log: str) -> bool:  # noqa: ARG002 the log is other checks' evidence
        """Ask in Redis's inline form."""
        try:
            with socket.create_connection((HOST, self.port), timeout=_WAIT_S) as line:
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
        except OSError:
            return False


@dataclass(frozen=True)
class LogSays:
    """The service has written these words: for Celery, whose own ping costs a start of Celery each time."""

    words: str

    def __call__(self, log: str) -> bool:
        """Look for the words."""
        return self.words in log
