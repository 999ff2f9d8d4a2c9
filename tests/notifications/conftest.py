"""A fake Slack that checks what it is sent as the real one would, and messages to send it."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

PATH = "/services/T000/B000/s3cr3t"


def faults_of(body: dict) -> list[str]:
    """What Slack would say `invalid_blocks` to: limits as documented for incoming webhooks."""
    blocks = body.get("blocks", [])
    faults = [] if body.get("text", "").strip() else ["no_text"]
    faults += ["too many blocks"] if len(blocks) > 50 else []
    faults += ["msg_blocks_too_long"] if len(json.dumps(blocks, ensure_ascii=False)) > 13_000 else []
    for block in blocks:
        faults += _block_faults(block)
    return faults


def texts_of(body: dict) -> list[dict]:
    """Every text object of a message."""
    found = []
    for block in body["blocks"]:
        found += [block["text"]] if "text" in block else []
        if block["type"] == "context":
            found += block["elements"]
    return found


def _block_faults(block: dict) -> list[str]:
    if block["type"] == "header":
        return _text_faults(block["text"], 150, {"plain_text"})
    if block["type"] == "section":
        return _text_faults(block["text"], 3000, {"plain_text", "mrkdwn"})
    if block["type"] == "context":
        faults = ["too many elements"] if not 1 <= len(block["elements"]) <= 10 else []
        return faults + [
            f for e in block["elements"] for f in _text_faults(e, 3000, {"plain_text", "mrkdwn"})
        ]
    if block["type"] == "rich_text":
        return [] if block["elements"][0]["elements"][0]["text"] else ["empty rich text"]
    return [f"unknown block {block['type']}"]


def _text_faults(text: dict, limit: int, kinds: set[str]) -> list[str]:
    faults = [] if text["type"] in kinds else [f"{text['type']} not allowed here"]
    faults += [] if 1 <= len(text["text"]) <= limit else [f"text of {len(text['text'])} characters"]
    faults += ["verbatim is for mrkdwn"] if text["type"] == "plain_text" and "verbatim" in text else []
    return faults + (["emoji is for plain_text"] if text["type"] == "mrkdwn" and "emoji" in text else [])


class FakeSlack(ThreadingHTTPServer):
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
    server: FakeSlack

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
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSlack]:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = FakeSlack()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()
    thread.join()
