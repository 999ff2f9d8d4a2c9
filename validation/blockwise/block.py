"""A block: some rows of a data set with what both models answered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from validation.arrays import Floats, Integers, Table
from validation.columns import block
from validation.holdout import Holdout


@dataclass(frozen=True, eq=False)
class Block:
    """Rows of the data set `name`, each by its place among all that were read.

    `inputs` are the columns that are asked for, of the same index as any frame; `days` number each row's day.
    """

    name: str
    places: Integers
    inputs: pd.DataFrame
    target: Floats
    candidate: Floats | Table
    champion: Floats | Table | None = None
    days: Integers | None = None

    @property
    def rows(self) -> int:
        """How many."""
        return len(self.target)


def blocks_of(
    holdout: Holdout, candidate: Floats, champion: Floats | None, columns: Sequence[str]
) -> Iterator[Block]:
    """A hold-out and the answers to it, as it lies on disk, with these of its columns."""
    rows, start = holdout.inputs, 0
    frames = rows.frames(columns)
    for places, frame in zip(rows.places, frames, strict=True):
        here = slice(start, start + len(places))
        some = Block(
            name=holdout.name,
            places=places.to_numpy(),
            inputs=frame,
            target=block(holdout.target, here),
            candidate=block(candidate, here),
            days=None if holdout.days is None else block(holdout.days, here),
        )
        yield some if champion is None else replace(some, champion=block(champion, here))
        start += len(places)


def all_of(rows: int) -> np.ndarray:
    """The mask of every row."""
    return np.ones(rows, dtype=np.bool_)
