"""Counts scored rows where they lie, in Spark's own Python processes; a tally travels as rows."""

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa

from validation.blockwise.block import Block
from validation.blockwise.tally import ADDED, NOWHERE, Cell, Tally, added_up
from validation.spark.executor import Asked

COUNTED = (
    "question long, slice string, part string, unit long, rows double, first double, second double, "
    "third double, fourth double, most double, most_other double, at long, wrong string, fault string"
)
_COUNTED = pa.schema(
    {"question": pa.int64(), "slice": pa.string(), "part": pa.string(), "unit": pa.int64()}
    | dict.fromkeys((*ADDED, "most", "most_other"), pa.float64())
    | {"at": pa.int64(), "wrong": pa.string(), "fault": pa.string()}
)


def counted(
    asked: Asked, count: Callable[[Block], Tally], batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """The tally of one task's rows, as rows."""
    tally = added_up(count(_block(asked, batch)) for batch in batches if batch.num_rows)
    if tally:
        yield _rows_of(tally)


def _block(asked: Asked, batch: pa.RecordBatch) -> Block:
    frame = batch.to_pandas()
    named = {f"slice_{number}": name for number, name in enumerate(asked.sliced_by)}
    return Block(
        name=asked.name,
        places=frame["place"].to_numpy(dtype=np.int64),
        inputs=frame[[*named]].rename(columns=named),
        target=frame["target"].to_numpy(dtype=np.float64),
        candidate=frame["candidate"].to_numpy(dtype=np.float64),
        champion=frame["champion"].to_numpy(dtype=np.float64) if "champion" in asked.models else None,
        days=None if asked.day is None else frame["day"].to_numpy(dtype=np.int64),
    )


def _rows_of(tally: Tally) -> pa.RecordBatch:
    columns: dict[str, list[object]] = {field.name: [] for field in _COUNTED}
    for (question, of_slice, part), cell in tally.items():
        length = len(cell.units)
        for unit in range(max(length, 1)):
            told = [question, of_slice, part, int(cell.units[unit]) if length else 0]
            told += cell.added[unit].tolist() if length else [0.0] * len(ADDED)
            told += [*cell.most.tolist(), cell.at, cell.wrong, cell.fault]
            for column, value in zip(columns.values(), told, strict=True):
                column.append(value)
    return pa.RecordBatch.from_pydict(columns, schema=_COUNTED)


def tallies_of(table: pa.Table) -> Iterator[Tally]:
    """The tallies of all tasks, from their rows."""
    for row in table.to_pylist():
        added = np.array([[row[name] for name in ADDED]])
        units = np.array([row["unit"]], dtype=np.int64)
        most = np.array([row["most"], row["most_other"]])
        key = (row["question"], row["slice"], row["part"])
        if added[0, 0] == 0 and row["at"] == NOWHERE:
            units, added = units[:0], added[:0]
        yield {key: Cell(units, added, most, row["wrong"], row["fault"], row["at"])}
