"""The ETL on DuckDB: one machine, all of its cores, in bounded memory with a place to spill to."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import duckdb

from training.etl.cleaning import cell, judged, thinned
from training.etl.columns import BROKEN, COLUMNS, KEY, REASON, SPLIT, TARGET, TIME
from training.etl.data_profile import DRAWN, drawn_of
from training.etl.features import made
from training.etl.folder import is_for_want_of_room, unwritten
from training.etl.header import Header, not_a_table
from training.etl.showing import shown
from training.etl.source import Source
from training.etl.splitting import SPLITS
from training.etl.tally import COUNTS, Tally, tally
from training.etl.words import DUCKDB

MEMORY: Final = "2500MB"
"""What DuckDB plans with; its buffers for reading and writing come on top, and stay below 4 GiB with it."""
LARGE: Final = 1 << 30
"""Bytes of a file: the judged rows of a larger one would fill most of that memory."""
_BETWEEN: Final = "judged.parquet"
_MORE: Final = "more"
_PARQUET: Final = "FORMAT parquet, COMPRESSION snappy, DICTIONARY_SIZE_LIMIT 1500, WRITE_BLOOM_FILTER false"
"""A dictionary for zones and minutes of the day; one of distances, and blooms, cost more than they save."""


def run(source: Source, folder: Path, sample: int, *, large: int = LARGE) -> Tally:
    """Write `<split>.parquet` of each split to the folder, of about `sample` kept rows if it is not 0.

    Judged rows are kept in memory or, of a file of more than `large` bytes, in a file: DuckDB would spill
    what exceeds its memory, too, at twice the time. Raises TripsInvalid, OutputUnavailable.
    """
    between = folder / _BETWEEN if source.path.stat().st_size > large else None
    with _connected(folder / "spill") as db:
        try:
            with shown("reading and judging trips", db.query_progress):
                broken = _judge(db, source, between)
        except duckdb.Error as error:
            if is_for_want_of_room(str(error)) or isinstance(error, duckdb.OutOfMemoryException):
                raise
            raise not_a_table(source.path, str(error).strip().splitlines()[0]) from error
        rows = _thinned_out(db, sample) if sample else "judged"
        counted = tally(_row(db, f"SELECT {', '.join(COUNTS)} FROM {rows}"), broken)  # noqa: S608 own words
        if counted.kept:
            _write_splits(db, rows, counted, folder)
    if between:
        between.unlink()
    return counted


@contextmanager
def _connected(spill: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that may spill; a full disk is told as what it is."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "temp_directory": str(spill),
    }
    try:
        with duckdb.connect(config=config) as db:
            yield db
    except (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException) as error:
        raise unwritten(spill.parent.parent, str(error).strip().splitlines()[0]) from error


def _judge(db: duckdb.DuckDBPyConnection, source: Source, between: Path | None) -> int:
    """Make `judged`, in memory or in a file; lines that are no rows come back counted."""
    rows = judged(_csv(source.header) if source.header else _parquet(), source.shape, DUCKDB)
    trips = {"trips": str(source.path)}
    if between:
        db.execute(f"COPY ({rows}) TO $file ({_PARQUET})", trips | {"file": str(between)})
        db.read_parquet(str(between)).create_view("judged")
    else:
        db.execute(f"CREATE TEMP TABLE judged AS {rows}", trips)
    if not source.header:
        return 0
    return int(_row(db, "SELECT count(DISTINCT line) FROM reject_errors")[0])


def _parquet() -> str:
    chosen = ", ".join(f'"{name}" AS {cell(name)}' for name in COLUMNS)
    return f"(SELECT FALSE AS {BROKEN}, {chosen} FROM read_parquet($trips))"  # noqa: S608 own names only


def _csv(header: Header) -> str:
    """Read line by line: a broken line costs itself only.

    Quotes are trimmed off the cells instead of being parsed, for one stray quote would swallow every line
    up to the next one; a quoted delimiter makes its line a broken one, and no trip needs one. NULL is only
    what a short line lacks, and one column more takes what a long one has too many; DuckDB's own account of
    them would take a row for each cell. Lines of blanks alone are no lines, as to Spark.
    """
    wanted = ", ".join(f"{place}: 'VARCHAR'" for place in (*header.places, _MORE))
    chosen = ", ".join(f"{header.place(name)} AS {cell(name)}" for name in COLUMNS)
    packed = "gzip" if header.packed else "none"
    first, second, *_ = header.places
    return (
        f"(SELECT {header.places[-1]} IS NULL OR {_MORE} IS NOT NULL AS {BROKEN}, {chosen}"  # noqa: S608 own names only
        f" FROM read_csv($trips, columns = {{{wanted}}}, auto_detect = false, header = true,"
        f" delim = '{header.delimiter}', quote = '', escape = '', compression = '{packed}', nullstr = '\x01',"
        " null_padding = true, strict_mode = false, ignore_errors = true, store_rejects = true)"
        f" WHERE {second} IS NOT NULL OR NOT regexp_full_match({first}, '[\\x00-\\x20]*'))"
    )


def _thinned_out(db: duckdb.DuckDBPyConnection, sample: int) -> str:
    kept = int(_row(db, f"SELECT count(*) FROM judged WHERE {REASON} IS NULL")[0])  # noqa: S608 own words
    if sample >= kept:
        return "judged"
    thin = f"SELECT * REPLACE ({thinned(sample / kept)} AS {REASON}) FROM judged"  # noqa: S608 own words
    db.execute(f"CREATE TEMP VIEW thinned AS {thin}")
    return "thinned"


def _write_splits(db: duckdb.DuckDBPyConnection, rows: str, counted: Tally, folder: Path) -> None:
    kept = f"{rows} WHERE {REASON} IS NULL"
    for place, split in enumerate(SPLITS):
        with shown(f"writing {split}", db.query_progress):
            _write(db, f"{kept} AND {SPLIT} = {place}", folder / f"{split}.parquet")
    first = next(iter(counted.rows.values()))
    _write(db, f"{kept} AND {SPLIT} = 0 AND {drawn_of(first)}", folder / DRAWN)


def _write(db: duckdb.DuckDBPyConnection, rows: str, file: Path) -> None:
    """Write chosen rows: float32 features, as the models take them, the fare, and the pickup time."""
    features = ", ".join(f"{expression} AS {name}" for name, expression in made(DUCKDB).items())
    chosen = f"SELECT {KEY}, {TARGET}, {TIME}, {features} FROM {rows}"  # noqa: S608 own words only
    db.execute(f"COPY ({chosen}) TO $file ({_PARQUET})", {"file": str(file)})


def _row(db: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    found: tuple[Any, ...] = db.execute(query).fetchall()[0]
    return found
