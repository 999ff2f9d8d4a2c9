"""Whole commands by the clock: a sweep on one process and on two, and a cold `gatehouse train`."""

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import _servers

ROOT = Path(__file__).parents[1]
COLD_ROWS = 10_000
_IN_TURN = (1, 2, 2, 1)
"""Processes of one sweep after the other: a machine that slows down meanwhile slows both kinds."""


def figures(
    folder: Path, trips: str, scratch: Path, epochs: int, say: Callable[[str], None]
) -> dict[str, float]:
    """Against an MLflow server, which is up before; processor time is that of the commands alone."""
    with _servers.mlflow(scratch) as url:
        say("a cold gatehouse train")
        cold = _cold(trips, scratch, url)
        took: dict[int, list[float]] = {1: [], 2: []}
        for number, jobs in enumerate(_IN_TURN):
            say(f"a sweep of 12 trials on {jobs} {'process' if jobs == 1 else 'processes'}")
            took[jobs].append(_sweep(folder, scratch / f"sweep-{number}", url, jobs, epochs))
    one, two = (statistics.median(each) for each in took.values())
    return {
        "cold_train_s": cold[0],
        "cold_train_processor_s": cold[1],
        "ratio_one_process": one / two,
        "sweep_s_one_process": one,
        "sweep_s_two_processes": two,
    }


def _cold(trips: str, scratch: Path, url: str) -> tuple[float, float]:
    """From a file of trips to a registered version; wall and processor seconds."""
    if not trips:
        from training.trip_files import write

        trips = str(scratch / "cold.csv")
        write(Path(trips), COLD_ROWS, 1, lambda _: None)
    words = ["train", "--data", str(Path(trips).absolute()), "--owner", "bench", "--checkpoints", "cold"]
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    _run([str(Path(sys.executable).parent / "gatehouse"), *words], scratch, url)
    took, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _sweep(folder: Path, place: Path, url: str, jobs: int, epochs: int) -> float:
    """The whole command on the grid, of which nothing is pruned: however many processes, they do the same."""
    place.mkdir()
    words = {
        "data": folder, "owner": "bench", "jobs": jobs, "epochs": epochs, "sweep-name": place.name,
        "checkpoints": place / "checkpoints", "storage": f"sqlite:///{place}/sweeps.db",
    }  # fmt: skip
    started = time.perf_counter()
    _run(
        [
            sys.executable,
            "-m",
            "training.sweep",
            "--grid",
            *(f"--{name}={word}" for name, word in words.items()),
        ],
        place,
        url,
    )
    return time.perf_counter() - started


def _run(command: list[str], place: Path, url: str) -> None:
    environ = os.environ | {"MLFLOW_TRACKING_URI": url, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=place, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-2000:]}")
