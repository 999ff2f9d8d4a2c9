"""The receiver at full load, verified and committed before each 202, beside an empty Flask view.

600-byte signed bodies, 64 connections, gunicorn with two processes; the load comes from one process on the
same machine. `ratio_hello_*` has the empty view under gunicorn as it comes (the sync worker),
`ratio_gevent_hello_*` under the receiver's own settings, where a view that never waits is twice as fast.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from benchmarks._servers import gunicorn, postgres, redis
from ledger.engine import open_ledger, reading
from ledger.migrate import upgrade
from ledger.tables import DeliveryRow

ROUNDS = 5
SECONDS = 4
CONNECTIONS = 64
SECRET = "a secret of the benchmark's"  # noqa: S105 nobody else's
OURS = ("--config", "python:webhooks.server")
HELLO = "benchmarks._hello:app"


@dataclass(frozen=True)
class Served:
    """A server under load; `ledger_url` where it has a ledger."""

    port: int
    ledger_url: str | None = None

    def load(self, rate: float = 0) -> dict[str, Any]:
        """One run's figures. Whatever was answered 202 must be in the ledger, and nothing else answered."""
        before = self._stored()
        script = str(Path(__file__).with_name("_load.py"))
        words = (self.port, "/webhooks/mlflow", CONNECTIONS, SECONDS, rate, SECRET)
        command = [sys.executable, script, *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        figures: dict[str, Any] = json.loads(done.stdout)
        if set(figures["statuses"]) != {"202"}:
            raise SystemExit(f"not every delivery was taken: {figures['statuses']}")
        if self.ledger_url and self._stored() - before != figures["statuses"]["202"]:
            raise SystemExit("the ledger does not have what was answered 202")
        return figures

    def _stored(self) -> int:
        if self.ledger_url is None:
            return 0
        engine = open_ledger(self.ledger_url)
        with reading(engine) as session:
            count = session.scalar(select(func.count()).select_from(DeliveryRow)) or 0
        engine.dispose()
        return count


def main() -> dict[str, float]:
    """Requests per second, ratios of the same round, and the tail of the latency at half of the load."""
    with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        redis_url = stack.enter_context(redis(folder))
        ledgers = {"sqlite": f"sqlite:///{folder / 'ledger.db'}", "postgres": stack.enter_context(postgres())}
        servers = {
            "hello": stack.enter_context(_hello(folder)),
            "gevent_hello": stack.enter_context(_hello(folder, *OURS)),
        }
        for kind, url in ledgers.items():
            if url:
                servers[kind] = stack.enter_context(_receiver(folder, url, redis_url))
        rounds = [{kind: server.load()["rps"] for kind, server in servers.items()} for _ in range(ROUNDS)]
        return _figures(rounds, servers)


def _figures(rounds: list[dict[str, float]], servers: dict[str, Served]) -> dict[str, float]:
    speed = {kind: statistics.median(each[kind] for each in rounds) for kind in servers}
    ours = [kind for kind in servers if "hello" not in kind]
    figures = {f"{kind}_rps": rps for kind, rps in speed.items()}
    for kind in ours:
        for peer in ("hello", "gevent_hello"):
            figures[f"ratio_{peer}_{kind}"] = statistics.median(each[kind] / each[peer] for each in rounds)
    tails = {kind: servers[kind].load(speed[kind] / 2) for kind in ours}
    figures |= {f"p50_{kind}_ms": tails[kind]["p50_ms"] for kind in ours}
    figures |= {f"p99_{kind}_ms": tails[kind]["p99_ms"] for kind in ours}
    return figures | {"p99_ms": max(tails[kind]["p99_ms"] for kind in ours)}


@contextmanager
def _hello(folder: Path, *settings: str) -> Iterator[Served]:
    with gunicorn(*settings, HELLO, folder=folder, environ={}) as port:
        yield Served(port)


@contextmanager
def _receiver(folder: Path, ledger_url: str, redis_url: str) -> Iterator[Served]:
    ledger = open_ledger(ledger_url)
    upgrade(ledger)
    ledger.dispose()
    environ = {
        "GATEHOUSE_LEDGER_URL": ledger_url,
        "GATEHOUSE_REDIS_URL": redis_url,
        "GATEHOUSE_WEBHOOK_SECRET": SECRET,
    }
    with gunicorn(*OURS, "webhooks.wsgi:app", folder=folder, environ=environ) as port:
        yield Served(port, ledger_url)
