"""Writes generated trips as CSV or Parquet: in batches, each from a chance of its own, by two processes.

So any number of rows takes the memory of a few batches, and the same seed gives the same file.
"""

import io
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from training.errors import OutputUnavailable
from training.etl.columns import COLUMNS, KEY, PLACES, TIME
from training.trips import Columns, generate

BATCH: Final = 200_000
"""Rows: large enough for NumPy, small enough for the processor's caches."""
_PROCESSES: Final = 2
_AHEAD: Final = 4
"""Batches made and not yet written, at most: the disk may be the slower one."""
_HEADER: Final = (",".join(COLUMNS) + "\n").encode()


def write(file: Path, rows: int, seed: int, tell: Callable[[int], None]) -> None:
    """Write so many trips, as Parquet where the name ends so, else as CSV; `tell` hears of each batch's rows.

    The file is there when it is whole. Raises OutputUnavailable.
    """
    is_parquet = file.suffix.lower() == ".parquet"
    if file.exists() and not file.is_file():  # a device would be replaced by a file
        raise OutputUnavailable(f"cannot write {file}: it is there, and is no file")
    try:
        file = file.resolve()
        partial_file = file.with_name(f".{file.name}.partial")
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            batches = _batches(rows, partial(_made, seed, is_parquet))
            (_write_parquet if is_parquet else _write_csv)(partial_file, batches, tell)
            partial_file.replace(file)
        finally:
            partial_file.unlink(missing_ok=True)
    except OSError as error:
        raise OutputUnavailable(f"cannot write {file}: {error.strerror or error}") from error


def to_table(trips: Columns) -> pa.Table:
    """Give the columns their types: key from time and row number, gaps where coordinates are missing."""
    moment = pa.array(trips[TIME].astype("datetime64[s]"))
    number = pc.utf8_lpad(pc.cast(pa.array(trips[KEY]), pa.string()), width=7, padding="0")
    made = {name: pa.array(trips[name]) for name in COLUMNS if name not in {KEY, TIME}}
    made |= {name: pa.array(trips[name], from_pandas=True) for name in PLACES}
    made |= {KEY: pc.binary_join_element_wise(pc.cast(moment, pa.string()), number, "."), TIME: moment}
    return pa.table({name: made[name] for name in COLUMNS})


def to_csv(trips: Columns) -> bytes:
    """Give lines as of Kaggle's train.csv, without its header: times said to be UTC, gaps empty."""
    table = to_table(trips)
    said = pc.binary_join_element_wise(pc.cast(table[TIME], pa.string()), "UTC", " ")
    table = table.set_column(COLUMNS.index(TIME), TIME, said)
    lines = io.BytesIO()
    pyarrow.csv.write_csv(table, lines, pyarrow.csv.WriteOptions(include_header=False, quoting_style="none"))
    return lines.getvalue()


def _made(seed: int, is_parquet: bool, number: int, rows: int) -> Any:
    trips = generate(rows, np.random.default_rng([seed, number]), number * BATCH)
    return to_table(trips) if is_parquet else to_csv(trips)


def _batches(rows: int, made: Callable[[int, int], Any]) -> Iterator[tuple[int, Any]]:
    """All batches in order, with their rows; a single one is not worth a process."""
    sizes = [min(BATCH, rows - first) for first in range(0, rows, BATCH)]
    if len(sizes) == 1:
        yield sizes[0], made(0, sizes[0])
        return
    waiting: deque[tuple[int, Future[Any]]] = deque()
    pool = ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn"), initializer=_end_with_parent)
    with pool:
        for number, size in enumerate(sizes):
            waiting.append((size, pool.submit(made, number, size)))
            if len(waiting) > _AHEAD:
                done, batch = waiting.popleft()
                yield done, batch.result()
        for done, batch in waiting:
            yield done, batch.result()


def _end_with_parent() -> None:
    """Processes that wait for work would wait for ever, once the one that gives it was killed."""
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _write_csv(file: Path, batches: Iterator[tuple[int, Any]], tell: Callable[[int], None]) -> None:
    with file.open("wb") as out:
        out.write(_HEADER)
        for rows, lines in batches:
            out.write(lines)
            tell(rows)


def _write_parquet(file: Path, batches: Iterator[tuple[int, Any]], tell: Callable[[int], None]) -> None:
    with file.open("wb") as raw:
        rows, table = next(batches)
        with pq.ParquetWriter(raw, table.schema) as out:
            out.write_table(table)
            tell(rows)
            for more, next_table in batches:
                out.write_table(next_table)
                tell(more)
