"""The profile of the rows that training will see, in the form that Gatehouse's drift gate reads."""

from pathlib import Path
from typing import Final

import duckdb

from registry.profiles import Profile
from training.etl.columns import KEY, TARGET
from training.etl.features import FEATURES
from training.etl.folder import digest_of, parts
from training.profile import profile_of

_ROWS: Final = 100_000
"""Deciles of so many rows are known to a thousandth of the rows; more would only cost time."""


def profiled(split: Path) -> Profile:
    """Profile about 100,000 rows of a split, drawn by their keys; for `prediction` stand the true fares.

    A trainer that knows its network's answers logs those instead.
    """
    files = [str(part) for part in parts(split)]
    with duckdb.connect() as db:
        counted = db.execute("SELECT count(*) FROM read_parquet(?)", [files]).fetchall()
        every = max(1, counted[0][0] // _ROWS)
        columns = (
            db.read_parquet(files)
            .filter(f"hash({KEY}) % {every} = 0 OR {every} = 1")
            .select(*FEATURES, TARGET)
            .fetchnumpy()
        )
    fares = columns.pop(TARGET)
    return profile_of(columns, fares, (digest_of(split),))
