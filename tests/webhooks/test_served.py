"""The receiver as gunicorn serves it: whatever comes over the wire, it answers, and takes what comes after."""

import gzip
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from ledger.engine import open_ledger, reading
from ledger.migrate import upgrade
from tests.webhooks.senders import SECRETS, SIGN, recorded

HEAD = "POST /webhooks/mlflow HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
MIB = 1024 * 1024
BOMB = gzip.compress(bytes(50 * MIB))


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Its port, and its ledger's address."""
    folder = tmp_path_factory.mktemp("served")
    url = f"sqlite:///{folder}/ledger.db"
    engine = open_ledger(url)
    upgrade(engine)
    engine.dispose()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {
        "GATEHOUSE_LEDGER_URL": url,
        "GATEHOUSE_WEBHOOK_SECRET": SECRETS["mlflow"][0],
        "GATEHOUSE_REDIS_URL": "redis://127.0.0.1:1/0",
    }
    words = ("--config", "python:webhooks.server", "webhooks.wsgi:app", "--bind", f"127.0.0.1:{port}")
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *words, "--workers", "2"], env=os.environ | environ, stderr=log
        )
    try:
        _until_up(port, server)
        yield port, url
    finally:
        server.terminate()
        server.wait()


def _until_up(port, server):
    deadline = time.monotonic() + 30
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    pytest.fail("the receiver did not start")


def say(port, head, chunks):
    """The status line of the answer; the sender stops as soon as it is refused."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as link:
        try:
            link.sendall(head.encode() + b"\r\n")
            for chunk in chunks:
                link.sendall(chunk)
        except OSError:
            pass
        try:
            return link.recv(4096).split(b"\r\n")[0].decode()
        except ConnectionResetError:
            return "reset"


def good(port, delivery):
    body = recorded("mlflow", "model_version.created")
    at = SIGN["mlflow"](body, delivery=delivery, at=datetime.now(UTC))
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/webhooks/mlflow", body, {"Content-Type": "application/json"} | at
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status, json.load(answer)


def count(url):
    engine = open_ledger(url)
    with reading(engine) as session:
        found = session.scalar(text("select count(*) from deliveries"))
    engine.dispose()
    return found


@pytest.mark.parametrize(
    ("head", "chunks", "status"),
    [
        pytest.param(f"Content-Length: {100 * MIB}\r\n", [b" " * MIB] * 100, {"413"}, id="100 MB"),
        pytest.param(
            "Transfer-Encoding: chunked\r\n", [b"100000\r\n" + b" " * MIB + b"\r\n"] * 300, {"413"},
            id="300 MB in chunks",
        ),
        pytest.param(f"Content-Encoding: gzip\r\nContent-Length: {len(BOMB)}\r\n", [BOMB], {"415"}, id="gzip bomb"),
        pytest.param(f"Content-Length: {2 * 10**5}\r\n", [b"[" * 2 * 10**5], {"401"}, id="nested, unsigned"),
        pytest.param("Content-Length: -5\r\n", [b"{}"], {"400"}, id="less than nothing"),
        pytest.param("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", [b"{}"], {"400"}, id="two lengths"),
        pytest.param("X-MLflow-Delivery-Id: " + "9" * 10_000 + "\r\nContent-Length: 2\r\n", [b"{}"], {"431"}, id="a header of 10,000 characters"),
        pytest.param("", [], {"401"}, id="nothing"),
    ],
)  # fmt: skip
def test_what_is_bad_is_refused_and_what_is_good_is_taken_after_it(served, request, head, chunks, status):
    port, url = served
    before = count(url)
    assert set(say(port, HEAD + head, chunks).split()[1:2]) == status
    assert count(url) == before
    assert good(port, request.node.name) == (202, {"status": "accepted"})


def test_senders_that_never_end_keep_nobody_waiting(served):
    port, _ = served
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(100)]
    for link in slow:
        link.sendall(f"{HEAD}Content-Length: 1000\r\n\r\n{{".encode())
    assert good(port, "beside the slow ones")[0] == 202
    for link in slow:
        link.close()
    assert good(port, "after the slow ones")[0] == 202
