"""Training against the case study's own `fit`: rows a second, errors after the same time, spread by seed.

All is interleaved in one run on one machine, of generated trips, or of those in the file that TRIPS names.
Speed is that of many rows, for which steps are compiled; quality is on rows that training never saw, beside
gradient boosting on the same columns.
"""

import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROWS = 20_000
ROUNDS = 3
SEEDS = (1, 2, 3, 4, 5)


@dataclass(frozen=True)
class Size:
    """How much is done: a test takes little of each."""

    rows: int = ROWS
    rounds: int = ROUNDS
    seeds: tuple[int, ...] = SEEDS
    epochs: int = 0
    long: int = 1_000
    """Epochs of which only a few are run: enough for compiling to pay, as with many rows."""
    trials: int = 12
    """Of each sweep; 0 for none."""


def main(size: Size = Size(), trips: str = os.environ.get("TRIPS", "")) -> dict[str, float]:
    """Ratios are of medians; `rmse_*` and `mae_*` are dollars on the hold-out."""
    from training.devices import quiet, repeatable

    quiet()
    repeatable(threads=2)
    import keras

    from training.rows import load, read

    keras.utils.set_random_seed(1)
    with tempfile.TemporaryDirectory() as scratch:
        folder = _prepared(trips, Path(scratch), size.rows)
        seen, holdout = read(folder, 0, 7), load(folder / "holdout.parquet")
        figures = _speed(seen, size) | _quality(seen, holdout, size)
        return figures | (_sweep(folder, Path(scratch), size.trials) if size.trials else {})


def _prepared(trips: str, scratch: Path, rows: int) -> Path:
    from training.etl.prepare import prepare
    from training.trip_files import write

    if not trips:
        trips = str(scratch / "trips.csv")
        write(Path(trips), rows, 1, lambda _: None)
    prepare(trips, scratch / "splits")
    return scratch / "splits"


def _speed(seen: Any, size: Size) -> dict[str, float]:
    """Rows a second of epochs, one of each kind in turn; the first, which compiles, does not count."""
    runners = {
        "original": _original(seen),
        "default": _ours(seen, "default", size.long),
        "seed": _ours(seen, "seed", size.long),
    }
    for runner in runners.values():
        next(runner)
    times: dict[str, list[float]] = {name: [] for name in runners}
    for _ in range(size.rounds):
        for name, runner in runners.items():
            started = time.perf_counter()
            next(runner)
            times[name].append(time.perf_counter() - started)
    speed = {name: len(seen.train) / statistics.median(each) for name, each in times.items()}
    limit = _product_rows_s() / 3
    return {
        "ratio_original_training": speed["default"] / speed["original"],
        "ratio_original_same_network": speed["seed"] / speed["original"],
        "share_of_product_limit": speed["seed"] / limit,
        **{f"rows_s_{name}": each for name, each in speed.items()},
    }


def _original(seen: Any) -> Iterator[None]:
    """Keras's `fit` as the case study calls it: batches of 512 from NumPy, an epoch each."""
    import keras

    from training.models.seed import seed

    network = seed(seen.train.columns, seen.train.fares)
    rows = network.see(seen.train.columns)
    network.body.compile(keras.optimizers.Adam(1e-3), "mse")
    while True:
        network.body.fit(rows, seen.train.fares, batch_size=512, verbose=0)
        yield


def _ours(seen: Any, kind: str, long: int) -> Iterator[None]:
    from training.epochs import begin, orders
    from training.fitting import network_of
    from training.plan import Plan

    plan = Plan(kind, epochs=long, seed=1).settled(len(seen.train))
    training = begin(network_of(plan, seen.train), seen.train.columns, seen.train.fares, plan)
    for _, order in orders(len(seen.train), plan.seed, 0, long):
        training.epoch(order)
        yield


def _product_rows_s() -> float:
    """Rows a second of the original network's forward products; to train takes three times them."""
    import tensorflow as tf

    widths = (14, 256, 128, 64, 32, 16, 1)
    rows = 65_536
    pairs = [
        (tf.random.normal((rows, before)), tf.random.normal((before, after)))
        for before, after in itertools.pairwise(widths)
    ]
    times = []
    for _ in range(3):
        started = time.perf_counter()
        for left, right in pairs:
            tf.matmul(left, right).numpy()
        times.append(time.perf_counter() - started)
    return rows / statistics.median(times)


def _quality(seen: Any, holdout: Any, size: Size) -> dict[str, float]:
    """The default network by seed, gradient boosting, and the original for as long as the default took."""
    found: dict[str, list[dict[str, float]]] = {"default": [], "boosted": [], "original": []}
    for seed in size.seeds:
        started = time.perf_counter()
        found["default"].append(_fitted("default", seed, seen, holdout, size.epochs))
        found["original"].append(_original_for(time.perf_counter() - started, seed, seen, holdout))
    found["boosted"].append(_fitted("boosted", size.seeds[0], seen, holdout, size.epochs))
    figures = {}
    for name, each in found.items():
        rmse = [errors["val_rmse"] for errors in each]
        figures[f"rmse_{name}"] = statistics.mean(rmse)
        figures[f"mae_{name}"] = statistics.mean(errors["val_mae"] for errors in each)
        figures[f"spread_{name}"] = max(rmse) - min(rmse)
    return figures


def _fitted(kind: str, seed: int, seen: Any, holdout: Any, epochs: int) -> dict[str, float]:
    from training.checkpoint import Checkpoint
    from training.epoch import errors_of
    from training.fitting import fit
    from training.plan import Plan

    plan = Plan(kind, seed=seed, epochs=epochs).settled(len(seen.train))
    with tempfile.TemporaryDirectory() as scratch:
        place = Checkpoint(Path(scratch) / "none.npz")
        fitted = fit(seen.train, seen.validation, plan, lambda _: None, checkpoint=place)
    return errors_of(fitted.predict(holdout.columns), holdout.fares)


def _original_for(seconds: float, seed: int, seen: Any, holdout: Any) -> dict[str, float]:
    """The case study's network after so much time; it keeps its last epoch."""
    import keras

    from training.epoch import errors_of
    from training.models.seed import seed as original

    keras.utils.set_random_seed(seed)
    network = original(seen.train.columns, seen.train.fares)
    rows = network.see(seen.train.columns)
    started = time.perf_counter()
    network.body.compile(keras.optimizers.Adam(1e-3), "mse")
    while time.perf_counter() - started < seconds:
        network.body.fit(rows, seen.train.fares, batch_size=512, verbose=0)
    answers = network.body.predict(network.see(holdout.columns), batch_size=65_536, verbose=0)
    return errors_of(np.asarray(answers), holdout.fares)


def _sweep(folder: Path, scratch: Path, trials: int) -> dict[str, float]:
    """One process, then two: whole calls of the command, each with a database of its own."""
    took = []
    for jobs in (1, 2):
        place = scratch / f"sweep-{jobs}"
        place.mkdir()
        words = {"data": folder, "owner": "bench", "jobs": jobs, "trials": trials, "checkpoints": place}
        words |= {"storage": f"sqlite:///{place}/sweeps.db", "tracking-uri": f"sqlite:///{place}/mlflow.db"}
        command = [
            sys.executable,
            "-m",
            "training.sweep",
            *(f"--{name}={word}" for name, word in words.items()),
        ]
        started = time.perf_counter()
        environ = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
        subprocess.run(command, cwd=place, env=environ, check=True, capture_output=True)
        took.append(time.perf_counter() - started)
    return {"ratio_one_process": took[0] / took[1], "sweep_s_two_processes": took[1]}
