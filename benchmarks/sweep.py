"""What the sweep costs over a large registry: an idle tick, and one pass over everything.

Against a real MLflow server whose SQLite store is filled directly with 10,000 versions in 200 models, three
tags each (the server's own API would take an hour). GATEHOUSE_BENCH_VERSIONS=100000 asks for more.
"""

import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks._keeper import keeper
from benchmarks._servers import mlflow
from policies.book import PolicyBook
from validation.sandbox import Sandbox
from workers.gatekeeper import Gatekeeper
from workers.sweep import sweep, sweep_fully

VERSIONS = int(os.environ.get("GATEHOUSE_BENCH_VERSIONS", "10000"))
MODELS = 200
TICKS = 20
DEPTH = 50


def main() -> dict[str, float]:
    """Milliseconds of an idle tick, seconds of a full pass when nothing changed."""
    with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as folder:
        with mlflow(Path(folder)):
            pass
        _fill(Path(folder) / "mlflow.db")
        with mlflow(Path(folder)) as url, Sandbox(spares=0) as sandbox:
            return _measure(keeper(Path(folder), url, sandbox, PolicyBook))


def _measure(keeper: Gatekeeper) -> dict[str, float]:
    first = _seconds(lambda: sweep(keeper, DEPTH))
    ticks = [_seconds(lambda: sweep(keeper, DEPTH)) for _ in range(TICKS)]
    asked = [_seconds(lambda: keeper.registry.recent(DEPTH)) for _ in range(TICKS)]
    full = [_seconds(lambda: sweep_fully(keeper)) for _ in range(3)]
    return {
        "versions": VERSIONS,
        "first_pass_s": first,
        "idle_tick_ms": 1000 * statistics.median(ticks),
        "of_it_mlflow_ms": 1000 * statistics.median(asked),
        "full_pass_s": statistics.median(full),
    }


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _fill(database: Path) -> None:
    """Rows as MLflow itself would write them; one version a second, newest last."""
    now = int(time.time() * 1000) - VERSIONS * 1000
    names = [f"model-{number:03}" for number in range(MODELS)]
    with sqlite3.connect(database) as store:
        _insert(
            store,
            "registered_models",
            [{"name": n, "creation_time": now, "last_updated_time": now} for n in names],
        )
        versions = [
            {
                "name": names[i % MODELS], "version": i // MODELS + 1, "creation_time": now + 1000 * i,
                "last_updated_time": now + 1000 * i, "current_stage": "None", "status": "READY",
                "source": "s3://bucket/model", "run_id": "", "status_message": "", "storage_location": None,
            }
            for i in range(VERSIONS)
        ]  # fmt: skip
        _insert(store, "model_versions", versions)
        tags = [
            {"name": v["name"], "version": v["version"], "key": f"key{k}", "value": "some value"}
            for v in versions
            for k in range(3)
        ]
        _insert(store, "model_version_tags", tags)


def _insert(store: sqlite3.Connection, table: str, rows: list[dict[str, object]]) -> None:
    there = {column[1] for column in store.execute(f"PRAGMA table_info({table})")}
    names = [name for name in rows[0] if name in there]
    marks = ", ".join(f":{name}" for name in names)
    store.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)  # noqa: S608 own names
