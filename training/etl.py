"""From a file of trips to train, validation and hold-out: cleans, counts what it drops, splits, writes.

DuckDB does the work; what a row must satisfy and what is made of it stands in `training.features`. A folder
without `summary.json` is not whole: it is taken away first and written last.
"""

import hashlib
import itertools
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import click
import duckdb

from training.errors import TripsInvalid, told
from training.features import COLUMNS, FEATURES, NUMBERS, REASONS, TARGET
from training.reading import read_cells

SPLITS: Final = {"train": 0.60, "validation": 0.15, "holdout": 0.25}
"""Shares by a hash of the key: a trip stays in its split when the file grows."""

SUMMARY: Final = "summary.json"
UNSAMPLED: Final = "not in the sample"
_BUCKETS: Final = 2**32


@dataclass(frozen=True)
class Summary:
    """What was read, dropped and kept, in rows; `input_sha256` is the digest of the file's bytes."""

    input: str
    input_sha256: str
    read: int
    dropped: dict[str, int]
    kept: int
    rows: dict[str, int]

    def __str__(self) -> str:
        splits = ", ".join(f"{rows:,} {split}" for split, rows in self.rows.items())
        return f"{self.read:,} trips read, {self.kept:,} kept ({splits}); dropped: {self.reasons()}"

    def reasons(self) -> str:
        """Name the reasons that cost a row, with the rows they cost."""
        return ", ".join(f"{rows:,} {reason}" for reason, rows in self.dropped.items() if rows) or "none"


def prepare(trips: Path, out: Path, *, sample: int = 0) -> Summary:
    """Write `<out>/train.parquet`, `validation.parquet`, `holdout.parquet` and `summary.json`.

    Rows that fail the clean step are dropped and counted, whatever is in them; of the others, about `sample`
    are kept if it is not 0, chosen by a hash of the key. Raises TripsInvalid when the
    file itself cannot be used: not there, empty, not a table, columns missing, no valid row.
    """
    with duckdb.connect(config={"threads": 2}) as db:
        broken = read_cells(db, trips)
        _judge(db)
        _thin_out(db, sample)
        summary = _summarise(db, trips, broken)
        _insist_on_rows(summary)
        with _replacing(out) as folder:
            for split in SPLITS:
                _write(db, split, folder)
            (folder / SUMMARY).write_text(json.dumps(asdict(summary), indent=2) + "\n")
    return summary


def _judge(db: duckdb.DuckDBPyConnection) -> None:
    """Make `judged`: every row typed, with the reason it is dropped for (NULL: kept) and its split.

    The times say UTC and are New York's local ones, so whatever follows the seconds is cut off.
    """
    numbers = ", ".join(f"try_cast({name} AS DOUBLE) AS {name}" for name in NUMBERS)
    missing = " OR ".join(f"cells.{name} IS NULL" for name in COLUMNS)
    unreadable = " OR ".join(
        f"{name} IS NULL OR try_cast({name} AS FLOAT) IS NULL OR NOT isfinite({name})" for name in NUMBERS
    )
    reasons = " ".join(f"WHEN {condition} THEN '{reason}'" for reason, condition in REASONS.items())
    db.execute(f"""
        CREATE TEMP TABLE judged AS
        WITH typed AS (
            SELECT key, {numbers}, try_cast(left(pickup_datetime, 19) AS TIMESTAMP) AS pickup_datetime,
                {missing} AS is_missing
            FROM cells
        ), readable AS (
            SELECT *, pickup_datetime IS NULL OR {unreadable} AS is_unreadable FROM typed
        )
        SELECT *, CASE {reasons} END AS reason, {_split()} AS split FROM readable
    """)  # noqa: S608 built from our own tables only


def _thin_out(db: duckdb.DuckDBPyConnection, sample: int) -> None:
    """Drop all but about `sample` rows, by bits of the key's hash that say nothing of its split."""
    counted = db.execute("SELECT count(*) FROM judged WHERE reason IS NULL").fetchone()
    kept = int(counted[0]) if counted else 0
    if 0 < sample < kept:
        beyond = f"{_bucket('right')} >= {sample / kept * _BUCKETS:.0f}"
        thin = f"UPDATE judged SET reason = '{UNSAMPLED}' WHERE reason IS NULL AND {beyond}"  # noqa: S608 own words
        db.execute(thin)


def _bucket(side: str) -> str:
    """MD5 for its lasting bits, not for safety: DuckDB's own hash may change."""
    return f"CAST('0x' || {side}(md5(key), 8) AS UBIGINT)"


def _split() -> str:
    """SQL for the split of a key."""
    bucket = _bucket("left")
    upto = itertools.accumulate(SPLITS.values())
    cases = [
        f"WHEN {bucket} < {share * _BUCKETS:.0f} THEN '{split}'"
        for split, share in zip(SPLITS, upto, strict=True)
    ]
    return f"CASE {' '.join(cases)} END"


def _summarise(db: duckdb.DuckDBPyConnection, trips: Path, broken: int) -> Summary:
    reasons = dict(
        db.execute("SELECT reason, count(*) FROM judged WHERE reason IS NOT NULL GROUP BY ALL").fetchall()
    )
    splits = dict(
        db.execute("SELECT split, count(*) FROM judged WHERE reason IS NULL GROUP BY ALL").fetchall()
    )
    counted = {reason: reasons.get(reason, 0) for reason in (*REASONS, UNSAMPLED)}
    dropped = {"broken line": broken, **counted}
    rows = {split: splits.get(split, 0) for split in SPLITS}
    kept = sum(rows.values())
    with trips.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Summary(str(trips), digest, kept + sum(dropped.values()), dropped, kept, rows)


def _insist_on_rows(summary: Summary) -> None:
    if not summary.read:
        raise TripsInvalid(f"{summary.input} has a header and no trips")
    if not summary.kept:
        raise TripsInvalid(f"{summary.input} has no valid row: of {summary.read:,}, {summary.reasons()}")
    empty = [split for split, rows in summary.rows.items() if not rows]
    if empty:
        raise TripsInvalid(
            f"{summary.input} has too few valid rows: {summary.kept:,} of {summary.read:,}, so that none fell"
            f" to {' and '.join(empty)}; dropped: {summary.reasons()}"
        )


def _write(db: duckdb.DuckDBPyConnection, split: str, folder: Path) -> None:
    """Write one split: float32 features, as the models take them, the fare, and the pickup time."""
    features = ", ".join(f"CAST({made} AS FLOAT) AS {name}" for name, made in FEATURES.items())
    columns = f"key, {TARGET}, pickup_datetime, {features}"
    kept = f"SELECT {columns} FROM judged WHERE reason IS NULL AND split = '{split}'"  # noqa: S608 own words
    db.sql(kept).write_parquet(str(folder / f"{split}.parquet"), compression="zstd")


@contextmanager
def _replacing(out: Path) -> Iterator[Path]:
    """Give a folder beside `out`; once it is filled, its files take their place there, the summary last."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".partial-") as partial:
        yield Path(partial)
        (out / SUMMARY).unlink(missing_ok=True)
        for file in sorted(Path(partial).iterdir(), key=lambda file: file.name == SUMMARY):
            file.replace(out / file.name)


@click.command(epilog="Example: python -m training.etl --trips train.csv --out trips/")
@click.option(
    "--trips",
    required=True,
    type=click.Path(path_type=Path),
    help="Kaggle's train.csv, or Parquet with its columns.",
)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder to write to."
)
@click.option(
    "--sample", type=click.IntRange(min=0), default=0, help="Keep about so many trips; 0 keeps all."
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def main(trips: Path, out: Path, sample: int, as_json: bool) -> None:
    """Clean a file of trips, make features, split into train, validation and hold-out."""
    with told():
        summary = prepare(trips, out, sample=sample)
    click.echo(json.dumps(asdict(summary)) if as_json else str(summary))


if __name__ == "__main__":
    main()
