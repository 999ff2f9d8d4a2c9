"""A model's inputs from rows on disk: chosen, checked and cast batch by batch, while it answers."""

from collections.abc import Iterator

import pandas as pd
import pyarrow as pa

from registry.words import Signature
from validation.arrays import Integers
from validation.inputs import feed
from validation.rows import Rows
from validation.targets import Classes, marked


class Fed:
    """Inputs for so many rows. Every method raises InputsInvalid for what a batch shows to be unfit."""

    def __init__(self, rows: Rows, signature: Signature | None, classes: Classes | None = None) -> None:
        """`classes` are what answers are of. Raises InputsInvalid for what the first batch shows."""
        self._rows = rows
        self._signature = signature
        self._classes = classes
        self.first = next(self.to_batches())
        """The first batch."""

    @property
    def num_rows(self) -> int:
        """In all batches."""
        return len(self._rows)

    def to_batches(self) -> Iterator[pa.Table]:
        """All of them, in order."""
        return map(self._fed, self._rows.frames())

    def take(self, rows: Integers) -> pa.Table:
        """Some rows by their number."""
        return self._fed(self._rows.take(rows))

    def _fed(self, frame: pd.DataFrame) -> pa.Table:
        return marked(feed(frame, self._signature), self._classes)
