"""Rows that lie on disk and are read a batch, a column or a few rows at a time: however many, little is held.

They lie in an Arrow file of our own, which goes when nobody needs it any more. Each row keeps its place among
all that were read, from 0, as the index of every frame and column.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from validation.arrays import Integers
from validation.spool import Spool


class Rows:
    """Rows by the columns of their file. As much like a DataFrame as is needed of one."""

    def __init__(self, spool: Spool, changed: Mapping[str, pd.Series] | None = None) -> None:
        self._spool = spool
        self._changed = changed or {}

    @classmethod
    def of(cls, frame: pd.DataFrame) -> "Rows":
        """The rows of a frame, with its index as their places."""
        spool = Spool()
        spool.add(pa.Table.from_pandas(frame, preserve_index=False), frame.index)
        return cls(spool.closed())

    def __len__(self) -> int:
        return self._spool.rows

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    @property
    def columns(self) -> list[str]:
        """By name, in the order of the file."""
        names = self._spool.names
        return [*names, *(name for name in self._changed if name not in names)]

    @property
    def places(self) -> list[pd.Index]:
        """The places of the rows of each batch."""
        return self._spool.places

    @property
    def index(self) -> pd.Index:
        """The place of every row."""
        first, *rest = self._spool.places
        return first.append(rest) if rest else first

    def __getitem__(self, name: str) -> pd.Series:
        """One column of all rows."""
        if name in self._changed:
            return self._changed[name]
        column: pd.Series = pa.Table.from_batches(self._spool.batches([name])).to_pandas()[name]
        return column.set_axis(self.index)

    def assign(self, **columns: pd.Series | NDArray[Any]) -> "Rows":
        """The same rows with some columns changed or added."""
        made = {name: pd.Series(column, index=self.index, name=name) for name, column in columns.items()}
        return Rows(self._spool, {**self._changed, **made})

    def frames(self, names: Collection[str] | None = None) -> Iterator[pd.DataFrame]:
        """Batch by batch; only the columns named, if they are: those that are there."""
        start = 0
        stored = None if names is None else [name for name in self._spool.names if name in names]
        for batch, places in zip(self._spool.batches(stored), self._spool.places, strict=True):
            yield self._framed(batch, places, start)
            start += len(places)

    def take(self, rows: Integers) -> pd.DataFrame:
        """Some rows by their number, from 0, in that order and as often as they are named."""
        wanted, back = np.unique(rows, return_inverse=True)
        found, start = [], 0
        for number, places in enumerate(self._spool.places):
            here = wanted[(wanted >= start) & (wanted < start + len(places))] - start
            if len(here):
                found.append(self._framed(self._spool.batch(number), places, start).iloc[here])
            start += len(places)
        return pd.concat(found).iloc[back]

    def _framed(self, batch: pa.RecordBatch, places: pd.Index, start: int) -> pd.DataFrame:
        frame: pd.DataFrame = batch.to_pandas() if batch.num_columns else pd.DataFrame(index=places)
        frame = frame.set_axis(places)
        rows = slice(start, start + len(places))
        return frame.assign(**{name: column.iloc[rows] for name, column in self._changed.items()})
