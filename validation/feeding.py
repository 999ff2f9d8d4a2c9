"""A model's inputs from rows on disk: chosen, checked and cast batch by batch, while it answers."""

from collections.abc import Iterator

import pyarrow as pa

from registry.words import Signature
from validation.arrays import Integers
from validation.inputs import feed
from validation.rows import Rows


class Fed:
    """Inputs for so many rows. Every method raises InputsInvalid for what a batch shows to be unfit."""

    def __init__(self, rows: Rows, signature: Signature | None) -> None:
        """Raises InputsInvalid for what the first batch shows."""
        self._rows = rows
        self._signature = signature
        self.first = next(self.to_batches())
        """The first batch."""

    @property
    def num_rows(self) -> int:
        """In all batches."""
        return len(self._rows)

    def to_batches(self) -> Iterator[pa.Table]:
        """All of them, in order."""
        return (feed(frame, self._signature) for frame in self._rows.frames())

    def take(self, rows: Integers) -> pa.Table:
        """Some rows by their number."""
        return feed(self._rows.take(rows), self._signature)
