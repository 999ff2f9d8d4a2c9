"""The profile of the rows that training will see, in the form that Gatehouse's drift gate reads."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import duckdb

from registry.profiles import Profile
from training.etl.columns import KEY, TARGET
from training.etl.features import FEATURES
from training.etl.folder import digest_of, parts
from training.profile import profile_of

DRAWN: Final = "drawn.parquet"
"""Where an engine that has the rows at hand leaves those to profile: to find them in the split costs more."""
_ROWS: Final = 100_000
"""Deciles of so many rows are known to a thousandth of the rows; more would only cost time."""


def drawn_of(rows: int) -> str:
    """DuckDB's SQL that holds for about 100,000 of so many rows, by their keys."""
    every = max(1, rows // _ROWS)
    return f"hash({KEY}) % {every} = 0" if every > 1 else "TRUE"


def profiled(split: Path) -> Profile:
    """Profile about 100,000 rows of a split, which an engine may have drawn; their file is taken away.

    For `prediction` stand the true fares. A trainer that knows its network's answers logs those instead.
    """
    drawn = split.with_name(DRAWN)
    with duckdb.connect() as db, ThreadPoolExecutor(1) as beside:
        digest = beside.submit(digest_of, split)
        rows = db.read_parquet(str(drawn)) if drawn.is_file() else _drawn(db, split)
        columns = rows.select(*FEATURES, TARGET).fetchnumpy()
        drawn.unlink(missing_ok=True)
        fares = columns.pop(TARGET)
        return profile_of(columns, fares).model_copy(update={"data": (digest.result(),)})


def _drawn(db: duckdb.DuckDBPyConnection, split: Path) -> duckdb.DuckDBPyRelation:
    files = [str(part) for part in parts(split)]
    counted = db.execute("SELECT count(*) FROM read_parquet(?)", [files]).fetchall()
    return db.read_parquet(files).filter(drawn_of(counted[0][0]))
