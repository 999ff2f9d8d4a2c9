"""Dummy services: small Python programs that serve, refuse to stop, or die."""

import contextlib
import os
import socket
import sys
import time
from types import SimpleNamespace

import psutil
import pytest

from gatehouse.stack.health import HttpAnswers, LogSays
from gatehouse.stack.home import open_home
from gatehouse.stack.service import Service

SERVE = """
import http.server, sys
class Yes(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204); self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Yes).serve_forever()
"""
WAIT = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
away = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print("away", away.pid, "here", flush=True)
time.sleep(600)
"""


def program(name, code, *arguments, healthy=None, **more):
    """A service that runs a few lines of Python; up when it has printed 'up'."""
    return Service(
        name=name,
        command=(sys.executable, "-c", code, *arguments),
        environment=more.pop("environment", {}),
        healthy=healthy or LogSays("up"),
        **more,
    )


def server(name, port, **more):
    """A service that answers HTTP."""
    return program(name, SERVE, str(port), healthy=HttpAnswers(f"http://127.0.0.1:{port}/"), **more)


def is_gone(pid, within_s=10.0):
    """Whether a process ends within a time; a zombie has ended."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        with contextlib.suppress(psutil.NoSuchProcess):
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.05)
                continue
        return True
    return False


@pytest.fixture
def dummies():
    """What the tests of this room build services from."""
    return SimpleNamespace(program=program, server=server, stubborn=STUBBORN, wait=WAIT, is_gone=is_gone)


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def home(tmp_path):
    with open_home(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def reports():
    return []


@pytest.fixture(autouse=True)
def no_child_left():
    """No test of this room leaves a process; servers that the session shares were there before."""
    before = _children()
    yield
    assert [each.cmdline() for each in _children() - before] == []


def _children():
    return set(psutil.Process(os.getpid()).children(recursive=True))
