"""The whole way from a file of trips to a folder of splits, whichever engine does the work."""

import hashlib
import json
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from training.etl import on_duckdb
from training.etl.address import fetched
from training.etl.data_profile import profiled
from training.etl.folder import DATA_PROFILE, SUMMARY, replacing
from training.etl.source import Source, look
from training.etl.splitting import SPLITS
from training.etl.summary import Summary, summed_up
from training.etl.tally import Tally, insist

LIMIT_BAD: Final = 0.25
"""Kaggle's file loses about 3 % of its rows; one that loses a quarter is another file than it seems."""

Run = Callable[[Source, Path, int], Tally]
"""Writes the splits of a source to a folder, of about so many kept rows (0: all), and counts them."""


@dataclass(frozen=True)
class Engine:
    """What does the work; its name is told to people."""

    name: str
    run: Run


DUCKDB: Final = Engine("DuckDB", on_duckdb.run)


def prepare(
    trips: str, out: Path, *, engine: Engine = DUCKDB, sample: int = 0, limit_bad: float = LIMIT_BAD
) -> Summary:
    """Write `<out>/<split>.parquet` of each split, `data-profile.json` and `summary.json`.

    Rows that fail the clean step are dropped and counted, whatever is in them; of the others, about `sample`
    are kept if it is not 0, chosen by a hash of the key. Raises TripsInvalid where the file cannot be used or
    more than a share `limit_bad` of its rows is bad, OutputUnavailable, and what the engine raises.
    """
    with tempfile.TemporaryDirectory(prefix="trips-") as scratch:
        source = look(fetched(trips, Path(scratch)))
        with replacing(out) as folder, ThreadPoolExecutor(1) as beside:
            digest = beside.submit(_digest, source.path)
            counted = engine.run(source, folder, sample)
            insist(counted, trips, limit_bad)
            summary = summed_up(counted, trips, digest.result(), engine.name)
            profile = profiled(folder / f"{next(iter(SPLITS))}.parquet")
            (folder / DATA_PROFILE).write_text(profile.model_dump_json(indent=2) + "\n")
            (folder / SUMMARY).write_text(json.dumps(asdict(summary), indent=2) + "\n")
    return summary


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
