"""What the tests of several rooms share: one real MLflow server for the whole session, and no quiet skips."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from base64 import urlsafe_b64encode
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, settings

from tests.databases import (
    database,
    empty_url,
    ledger,
    ledger_url,
    migrated_file,
    new_mlflow,
    postgres_server,
)

__all__ = ["database", "empty_url", "ledger", "ledger_url", "migrated_file", "postgres_server"]
STARTING_S = 90
# No test fails by the clock: a busy machine is slow.
settings.register_profile("gatehouse", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("gatehouse")
# Hundreds of processes that the tests start import the same modules: compiled once.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Several tests run at once: threads of OpenMP would spin, waiting for cores that others have.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# A JVM of a test lives for seconds: what is compiled for the long run does not pay.
os.environ.setdefault("SPARK_SUBMIT_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
MAY_SKIP = os.environ.get("GATEHOUSE_TESTS_MAY_SKIP") != "no"


LARGE = {"chaos", "e2e", "keras", "mlflow", "spark"}
"""Marks of what starts large programs."""


def pytest_collection_modifyitems(items):
    """What takes longest begins first: at the end no process is left alone with it."""
    items.sort(key=lambda item: LARGE.isdisjoint(mark.name for mark in item.iter_markers()))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    """Where everything is provided, as in CI, a test that skips has failed."""
    report = yield
    if report.skipped and not MAY_SKIP:
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def mlflow_server(tmp_path_factory):
    """The address of an MLflow server with an empty registry; webhooks to 127.0.0.1 are allowed.

    It is shared: every test takes a registered model name of its own.
    """
    with running_mlflow(tmp_path_factory.mktemp("mlflow")) as url:
        yield url


@contextmanager
def running_mlflow(folder, *options, port=None):
    """A server of one's own over a folder, for as long as the block lasts; its address."""
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    log = folder / "server.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [*_command(folder, port), *options],
            env=_environment(),
            stdout=out,
            stderr=out,
            cwd=folder,
            start_new_session=True,
        )
    try:
        _wait_for(server, url, log)
        yield url
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _command(folder, port):
    where = ["--backend-store-uri", new_mlflow(folder), "--artifacts-destination", str(folder / "artifacts")]
    return [
        *(sys.executable, "-m", "mlflow", "server", *where),
        *("--host", "127.0.0.1", "--port", str(port), "--workers", "1"),
    ]


def _environment():
    return os.environ | {
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_WEBHOOK_ALLOWED_SCHEMES": "http,https",
        "MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS": "true",
        "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY": urlsafe_b64encode(bytes(32)).decode(),
        "MLFLOW_WEBHOOK_CACHE_TTL": "1",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
    }


def _wait_for(server, url, log):
    deadline = time.monotonic() + STARTING_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the MLflow server did not start:\n{log.read_text()[-2000:]}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
