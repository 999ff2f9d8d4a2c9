"""Figures of many rows: in memory as long as they are few, else in a file, and gone through block by block.

An array whose figures lie in a file is one like any other. Pages that were read count as memory that is held
until they are given back, as `block` does behind itself.
"""

import mmap
import tempfile
import weakref
from collections.abc import Iterator
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from validation.arrays import Floats, Integers, Table

LARGE: Final = 500_000
"""Beyond so many rows, figures lie in files."""
BLOCK: Final = 1 << 16
Figures = TypeVar("Figures", Floats, Integers, Floats | Table)


def column(rows: int, *more: int) -> Floats | Table:
    """An array to be filled, of shape (rows, *more). Raises OSError if no file can be made for it."""
    return np.empty((rows, *more)) if rows <= LARGE else _mapped((rows, *more), np.dtype(np.float64), None)


class Growing:
    """A column whose length shows only when it is filled. Raises OSError if it cannot be written."""

    def __init__(self, kind: type[np.float64] | type[np.int64]) -> None:
        self._kind = np.dtype(kind)
        self._file: Any = tempfile.TemporaryFile(prefix="gatehouse-")  # noqa: SIM115 closed below
        weakref.finalize(self, self._file.close)
        self._rows = 0

    def add(self, figures: NDArray[Any]) -> None:
        """Some rows more."""
        self._file.write(np.ascontiguousarray(figures, dtype=self._kind).data)
        self._rows += len(figures)

    def filled(self) -> NDArray[Any]:
        """All of them; nothing may be added after that."""
        with self._file as file:
            file.flush()
            file.seek(0)
            if self._rows <= LARGE:
                return np.fromfile(file, dtype=self._kind)
            return _mapped((self._rows,), self._kind, file)


def _mapped(shape: tuple[int, ...], kind: np.dtype[Any], file: Any) -> NDArray[Any]:
    """The file has no name: it goes when the array does."""
    if file is not None:
        return np.memmap(file, dtype=kind, mode="r+", shape=shape)
    with tempfile.TemporaryFile(prefix="gatehouse-") as new:
        return np.memmap(new, dtype=kind, mode="w+", shape=shape)


def blocks(rows: int) -> Iterator[slice]:
    """All rows, so many at a time; of no rows one empty block."""
    yield from (slice(start, min(start + BLOCK, rows)) for start in range(0, max(rows, 1), BLOCK))


def block(figures: Figures, rows: slice) -> Figures:
    """Some of the rows, in memory."""
    if not isinstance(figures, np.memmap):
        return figures[rows]
    found = np.array(figures[rows])
    give_back(figures)
    return found


def give_back(figures: NDArray[Any]) -> None:
    """Hold none of a file's pages: what was written to them is the file's, and is read again if need be."""
    mapping = getattr(figures, "_mmap", None)
    if isinstance(mapping, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        mapping.madvise(mmap.MADV_DONTNEED)
