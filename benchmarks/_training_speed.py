"""Rows a second of training: the case study's `fit`, our networks, and what matrix products allow."""

import itertools
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

LONG: Final = 1_000
"""Epochs of which only a few are run: enough for compiling to pay, as with many rows."""
_WIDTHS: Final = (14, 256, 128, 64, 32, 16, 1)
_PRODUCT_ROWS: Final = 65_536
_TRAINING: Final = 3
"""Products of matrices in a training step, for each one of a forward pass."""
_LARGE_BATCH: Final = 2_048


def figures(seen: Any, rounds: int, say: Callable[[str], None]) -> dict[str, float]:
    """Rows a second of epochs, one of each kind in turn; the first, which compiles, does not count."""
    import keras

    keras.utils.set_random_seed(1)
    say("rows a second")
    runners = {
        "original": _original(seen),
        "default": _ours(seen, "default", 0),
        "seed": _ours(seen, "seed", 0),
        "seed_large_batches": _ours(seen, "seed", _LARGE_BATCH),
        "product": _products(),
    }
    for runner in runners.values():
        next(runner)
    times: dict[str, list[float]] = {name: [] for name in runners}
    for _ in range(rounds):
        for name, runner in runners.items():
            started = time.perf_counter()
            next(runner)
            times[name].append(time.perf_counter() - started)
    took = {name: statistics.median(each) for name, each in times.items()}
    speed = {name: len(seen.train) / each for name, each in took.items()}
    limit = _PRODUCT_ROWS / took.pop("product") / _TRAINING
    return {
        "ratio_original_training": speed["default"] / speed["original"],
        "ratio_original_same_network": speed["seed"] / speed["original"],
        "ratio_original_same_network_large_batches": speed["seed_large_batches"] / speed["original"],
        "share_of_product_limit_original": speed["original"] / limit,
        "share_of_product_limit_seed": speed["seed"] / limit,
        "share_of_product_limit_seed_large_batches": speed["seed_large_batches"] / limit,
        "rows_s_product_limit": limit,
        **{f"rows_s_{name}": speed[name] for name in took},
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


def _ours(seen: Any, kind: str, batch: int) -> Iterator[None]:
    from training.epochs import begin, orders
    from training.fitting import network_of
    from training.plan import Plan

    plan = Plan(kind, epochs=LONG, batch_size=batch, seed=1).settled(len(seen.train))
    training = begin(network_of(plan, seen.train), seen.train.columns, seen.train.fares, plan)
    for _, order in orders(len(seen.train), plan.seed, 0, LONG):
        training.epoch(order)
        yield


def _products() -> Iterator[None]:
    """The original network's forward products and nothing else; to train takes three times them."""
    import tensorflow as tf

    pairs = [
        (tf.random.normal((_PRODUCT_ROWS, before)), tf.random.normal((before, after)))
        for before, after in itertools.pairwise(_WIDTHS)
    ]
    while True:
        for left, right in pairs:
            tf.matmul(left, right).numpy()
        yield
