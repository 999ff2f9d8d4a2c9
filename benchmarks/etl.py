"""The ETL on DuckDB and on Spark against the case study's own way, on the same trips; and generating.

GATEHOUSE_BENCH_TRIPS sets the rows (5,500,000), GATEHOUSE_BENCH_BIG the rows of a run on DuckDB, and
GATEHOUSE_BENCH_BIG_SPARK of one on Spark, whose memory is watched (0: left out; 55,000,000 are promised).
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import psutil

from benchmarks._original_etl import original

ROWS: Final = int(os.environ.get("GATEHOUSE_BENCH_TRIPS", "5500000"))
BIG: Final = int(os.environ.get("GATEHOUSE_BENCH_BIG", "0"))
BIG_SPARK: Final = int(os.environ.get("GATEHOUSE_BENCH_BIG_SPARK", "0"))
WARM: Final = 50_000
"""Rows that both ways on Spark have done before they are timed: whoever comes second has a warm Java else."""
_LOOKS_S: Final = 0.2


def main() -> dict[str, float]:
    """Seconds of each way after its start, their ratios; rows a second; peak memory of the large runs."""
    with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as folder:
        figures = raced(Path(folder), ROWS)
        for engine, rows in (("duckdb", BIG), ("spark", BIG_SPARK)):
            if rows:
                figures |= watched(Path(folder), engine, rows)
    return figures


def raced(folder: Path, rows: int) -> dict[str, float]:
    """All three ways on the same file, in one process and one Spark, which has started before."""
    from training.etl import on_spark
    from training.etl.prepare import DUCKDB, Engine, prepare
    from training.etl.spark_session import session
    from training.trip_files import write

    trips, few = folder / "trips.csv", folder / "few.csv"
    write(few, min(rows, WARM), 7, lambda _: None)
    generating = _seconds("generating", lambda: write(trips, rows, 7, lambda _: None))
    os.environ["PYSPARK_PYTHON"] = sys.executable
    starting = time.perf_counter()
    with session("local[2]", memory="2g") as spark:
        started = time.perf_counter() - starting
        natively = Engine("Spark", lambda *ask: on_spark.run(spark, *ask))
        prepare(str(few), folder / "few-spark", engine=natively)
        original(spark, few, folder / "few-original")
        on_duckdb = _seconds("DuckDB", lambda: prepare(str(trips), folder / "duckdb", engine=DUCKDB))
        on_spark_s = _seconds("Spark", lambda: prepare(str(trips), folder / "spark", engine=natively))
        originally = _seconds("the original", lambda: original(spark, trips, folder / "original"))
    return {
        "rows": rows,
        "generated_rows_per_s": rows / generating,
        "spark_start_s": started,
        "original_s": originally,
        "duckdb_s": on_duckdb,
        "spark_s": on_spark_s,
        "ratio_original_duckdb": originally / on_duckdb,
        "ratio_original_spark": originally / on_spark_s,
    }


def watched(folder: Path, engine: str, rows: int) -> dict[str, float]:
    """One run of the command, as anybody would call it; its processes' memory is looked at all the time."""
    from training.trip_files import write

    trips = folder / f"{rows}.csv"
    if not trips.exists():
        _seconds(f"generating {rows:,} trips", lambda: write(trips, rows, 7, lambda _: None))
    out = folder / f"big-{engine}"
    words = ["--data", str(trips), "--out", str(out), "--engine", engine, "--json"]
    began = time.perf_counter()
    running = psutil.Popen([sys.executable, "-m", "training.etl", *words])
    peak = 0
    while running.poll() is None:
        peak = max(peak, _memory(running))
        time.sleep(_LOOKS_S)
    if running.returncode:
        raise RuntimeError(f"the ETL of {rows:,} rows on {engine} ended with {running.returncode}")
    took = time.perf_counter() - began
    shutil.rmtree(out)  # or the next engine would need the room for two
    return {
        f"big_{engine}_rows": rows,
        f"big_{engine}_s": took,
        f"big_{engine}_peak_gib": peak / 2**30,
    }


def _memory(process: psutil.Process) -> int:
    """Bytes that a process and its children hold alone; 0 where they have just ended."""
    try:
        return sum(one.memory_full_info().uss for one in (process, *process.children(recursive=True)))
    except psutil.NoSuchProcess:
        return 0


def _seconds(what: str, work: Callable[[], object]) -> float:
    print(f"{what} …", file=sys.stderr, flush=True)
    began = time.perf_counter()
    work()
    took = time.perf_counter() - began
    print(f"{what}: {took:.1f} s", file=sys.stderr, flush=True)
    return took
