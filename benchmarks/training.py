"""Training against the case study's own `fit`, gradient boosting, the oracle, one process, and the clock.

TRIPS names a file of real trips for the five seeds (10,000 generated ones without it). The network is held
against the oracle on GATEHOUSE_BENCH_ORACLE generated trips (500,000; 5,000,000 are promised, 0 leaves it
out). Speed and errors alternate in one process; quality is on rows that training never saw.
"""

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import _training_commands as commands
from benchmarks import _training_quality as quality
from benchmarks import _training_speed as speed

TRIPS: Final = os.environ.get("TRIPS", "")
ORACLE: Final = int(os.environ.get("GATEHOUSE_BENCH_ORACLE", "500000"))


@dataclass(frozen=True)
class Size:
    """How much is done: a test takes little of each."""

    rows: int = 10_000
    more: int = 50_000
    """Generated trips that the default network and boosting are compared on, too."""
    few: int = 1_000
    """Trips to train on, where there are hardly any."""
    oracle: int = ORACLE
    rounds: int = 3
    seeds: tuple[int, ...] = (1, 2, 3, 4, 5)
    epochs: int = 0
    commands: bool = True
    """Whether whole commands are run, too: a cold training, two sweeps."""


def main(size: Size = Size(), trips: str = TRIPS) -> dict[str, float]:
    """Ratios are ours over theirs, larger is better; `rmse_*` and `mae_*` are dollars on the hold-out."""
    from training.devices import quiet, repeatable
    from training.rows import load, read

    quiet()
    repeatable(threads=2)
    with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as scratch:
        place = Path(scratch)
        _say(f"preparing {trips or f'{size.rows:,} generated trips'}")
        folder = quality.prepared(place / "first", trips, size.rows)
        seen, holdout = read(folder, 0, 7), load(folder / "holdout.parquet")
        figures = speed.figures(seen, size.rounds, _say)
        figures |= quality.by_seed(seen, holdout, size.seeds, size.epochs, _say)
        figures |= quality.of_few(folder, size.few, size.seeds, size.epochs, _say)
        for name, rows, seeds in (
            ("more", size.more, size.seeds[:2]),
            ("oracle", size.oracle, size.seeds[:1]),
        ):
            if rows:
                made = quality.prepared(place / name, "", rows)
                figures |= quality.generated(made, name, seeds, size.epochs, _say)
        if size.commands:
            figures |= commands.figures(folder, trips, place, size.epochs, _say)
        return figures


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
