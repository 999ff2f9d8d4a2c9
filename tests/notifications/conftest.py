"""An incoming webhook of Slack, and a whole fake Slack; both check what they are sent as the real one would."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.notifications.bots import Kept, bot
from tests.notifications.fake_slack.limits import faults_of
from tests.notifications.fake_slack.server import FakeSlack

PATH = "/services/T000/B000/s3cr3t"


def texts_of(body: dict) -> list[dict]:
    """Every text object of a message."""
    found = []
    for block in body["blocks"]:
        found += [block["text"]] if "text" in block else []
        if block["type"] == "context":
            found += block["elements"]
    return found


class FakeHook(ThreadingHTTPServer):
    """Answers as `mood` says: ok, busy, gone, down, hangs, odd, moved."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Hook)
        self.mood = "ok"
        self.retry_after: str | None = "7"
        self.received: list[dict] = []
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}{PATH}"


class _Hook(BaseHTTPRequestHandler):
    server: FakeHook

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.received.append(body)
        if self.server.mood == "hangs":
            self.server.released.wait(30)
            return
        status, words = {
            "ok": (200, "ok"),
            "busy": (429, "rate_limited"),
            "gone": (404, "no_service"),
            "down": (500, "rollup_error"),
            "moved": (307, ""),
            "odd": (200, "<html>Sign in</html>"),
            "echo": (403, f"action_prohibited at {PATH}"),
        }[self.server.mood]
        if self.path != PATH:
            status, words = 404, "no_service"
        elif self.server.mood == "ok" and (faults := faults_of(body)):
            status, words = 400, f"invalid_blocks: {faults}"
        self._answer(status, words)

    def _answer(self, status: int, words: str) -> None:
        self.send_response(status)
        if status == 429 and self.server.retry_after is not None:
            self.send_header("Retry-After", self.server.retry_after)
        self.send_header("Content-Length", str(len(words)))
        self.end_headers()
        self.wfile.write(words.encode())

    def log_message(self, *args: object) -> None:
        """Quiet: the test looks at `received`."""


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHook]:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = FakeHook()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def workspace(monkeypatch):
    """A whole Slack: its API and what it holds."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    fake = FakeSlack()
    yield fake
    fake.close()


class FakeApprised(ThreadingHTTPServer):
    """Takes what Apprise's `json://` sends; answers with `status`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Apprised)
        self.received: list[dict] = []
        self.status = 200

    @property
    def url(self) -> str:
        return f"json://me:s3cr3t@127.0.0.1:{self.server_port}/told"


class _Apprised(BaseHTTPRequestHandler):
    server: FakeApprised

    def do_POST(self) -> None:
        self.server.received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Quiet: the test looks at `received`."""


@pytest.fixture
def apprised() -> Iterator[FakeApprised]:
    with FakeApprised() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def kept():
    return Kept()


@pytest.fixture
def space(workspace):
    return workspace.space


@pytest.fixture
def slack_bot(workspace, kept):
    return bot(workspace, kept)
