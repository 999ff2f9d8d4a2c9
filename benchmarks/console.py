"""The console over a hundred models with a thousand versions each: server time of every page, and open pages.

SQLite, filled in bulk. GATEHOUSE_BENCH_VERSIONS=10 asks for fewer versions of each model. Server time is that
of the WSGI call: no network, no browser.
"""

import os
import resource
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

from flask.testing import FlaskClient

from benchmarks._console_ledger import NOW, fill
from console.app import create_app
from console.settings import ConsoleSettings
from ledger.engine import open_ledger
from ledger.migrate import upgrade

MODELS = 100
VERSIONS = int(os.environ.get("GATEHOUSE_BENCH_VERSIONS", "1000"))
TURNS = 9
OPEN = 10
IDLE_S = 20.0
PAGES = {
    "overview": "/",
    "overview_asked": "/?show=asked",
    "overview_search": "/?q=model-09",
    "model": "/models/model-050",
    "model_last_page": "/models/model-050?page=99",
    "candidate": f"/models/model-050/{VERSIONS}",
    "policies": "/policies",
    "policy": "/policies/taxi-fare",
    "deliveries": "/deliveries",
    "deliveries_of_model": "/deliveries?model=model-050",
    "audit": "/audit",
    "audit_of_model": "/audit?model=model-050",
    "channel": "/channel",
    "channel_of_model": "/channel?model=model-050",
}


def main() -> dict[str, float]:
    """Milliseconds of each page, the slowest of them, and the CPU of open pages against idle connections."""
    with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as folder:
        ledger = open_ledger(f"sqlite:///{Path(folder) / 'ledger.db'}")
        upgrade(ledger)
        fill(ledger, MODELS, VERSIONS)
        app = create_app(ledger, ConsoleSettings(), clock=lambda: NOW)
        client = app.test_client()
        figures: dict[str, float] = {"models": MODELS, "versions_of_each": VERSIONS}
        taken = {f"{name}_ms": _milliseconds(client, path) for name, path in PAGES.items()}
        figures |= taken | {"slowest_ms": max(taken.values())}
        for pages in (0, 1, OPEN):
            figures[f"cpu_of_{pages}_open_pages_ms_per_s"] = _idle(app.test_client, pages)
        ledger.dispose()
    return figures


def _milliseconds(client: FlaskClient, path: str) -> float:
    client.get(path).close()
    taken = []
    for _ in range(TURNS):
        began = time.perf_counter()
        answer = client.get(path)
        taken.append(1000 * (time.perf_counter() - began))
        assert answer.status_code == HTTPStatus.OK, (path, answer.status_code)
        answer.close()
    return statistics.median(taken)


def _idle(client: Callable[[], FlaskClient], pages: int) -> float:
    """Milliseconds of CPU a second that this process takes while so many pages are open, and no more."""
    with _opened(client, pages):
        time.sleep(2)
        began, used = time.perf_counter(), _cpu_s()
        time.sleep(IDLE_S)
        return 1000 * (_cpu_s() - used) / (time.perf_counter() - began)


@contextmanager
def _opened(client: Callable[[], FlaskClient], pages: int) -> Iterator[None]:
    """Each is read by its own thread, as gunicorn would; at the end each closes, at its next sign of life."""
    left = threading.Event()
    streams = [client().get("/changes").response for _ in range(pages)]
    readers = [threading.Thread(target=_read, args=(stream, left)) for stream in streams]
    for reader in readers:
        reader.start()
    yield
    left.set()
    for reader in readers:
        reader.join()


def _read(stream: Generator[bytes], left: threading.Event) -> None:
    for _ in stream:
        if left.is_set():
            stream.close()


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
