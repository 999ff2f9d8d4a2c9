"""A file of Arrow batches for as long as somebody holds it, in the folder for temporary files."""

import os
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import pandas as pd
import pyarrow as pa


class Spool:
    """Filled once, batch by batch, then closed and read by anybody at any time."""

    def __init__(self) -> None:
        file, path = tempfile.mkstemp(prefix="gatehouse-", suffix=".arrow")
        os.close(file)
        self._path = Path(path)
        self._gone = weakref.finalize(self, os.unlink, path)
        self._writer: pa.ipc.RecordBatchFileWriter | None = None
        self.places: list[pd.Index] = []
        """Of each batch's rows; a range costs no memory."""
        self.names: list[str] = []

    @property
    def rows(self) -> int:
        """In all batches."""
        return sum(map(len, self.places))

    def add(self, table: pa.Table, places: pd.Index) -> None:
        """One batch more, of the columns and types of the first."""
        if self._writer is None:
            self.names = table.column_names
            self._writer = pa.ipc.new_file(str(self._path), table.schema)
        batches = table.combine_chunks().to_batches() or [_empty(table.schema)]
        self._writer.write_batch(batches[0])
        self.places.append(places)

    def closed(self) -> Self:
        """Filled; must be called before it is read."""
        assert self._writer is not None
        self._writer.close()
        return self

    def batches(self, names: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """In their order; only the columns named, if they are."""
        if names is not None and not names:  # Arrow would read them all
            yield from (pa.RecordBatch.from_pydict({}) for _ in self.places)
            return
        with self._open(names) as file:
            for number in range(file.num_record_batches):
                yield file.get_batch(number)

    def batch(self, number: int) -> pa.RecordBatch:
        """One of them."""
        with self._open(None) as file:
            return file.get_batch(number)

    @contextmanager
    def _open(self, names: Sequence[str] | None) -> Iterator[pa.ipc.RecordBatchFileReader]:
        fields = None if names is None else [self.names.index(name) for name in names]
        # Not mapped into memory: pages that were read once would count as held.
        with pa.OSFile(str(self._path)) as source:
            yield pa.ipc.open_file(source, options=pa.ipc.IpcReadOptions(included_fields=fields))


def _empty(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array([], field.type) for field in schema], schema=schema)
