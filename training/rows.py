"""The rows of a folder that the ETL wrote, as a model takes them, and what identifies them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
from numpy.typing import NDArray

from training.errors import TripsInvalid
from training.etl import SUMMARY
from training.features import FEATURES, TARGET

SEEN: Final = ("train", "validation")
"""The splits that training may see; the hold-out is the gate's."""


@dataclass(frozen=True)
class Rows:
    """`columns` has one row a trip and one column a feature; `fares` are dollars, shape (rows,)."""

    columns: NDArray[np.float32]
    fares: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.fares)

    def some(self, limit: int, seed: int) -> "Rows":
        """Draw at most `limit` of them, the same ones for the same seed; 0 is all."""
        if not 0 < limit < len(self):
            return self
        chosen = np.random.default_rng(seed).permutation(len(self))[:limit]
        return Rows(self.columns[chosen], self.fares[chosen])


@dataclass(frozen=True)
class Trips:
    """What training sees of a folder: rows, the files they came from, the digest of those files' bytes."""

    folder: Path
    train: Rows
    validation: Rows
    files: dict[str, list[Path]]
    digest: str


def read(folder: Path, limit: int, seed: int) -> Trips:
    """Read the splits that training sees; `limit` and `seed` are those of `Rows.some`, for the train split.

    Raises TripsInvalid for a folder that is not whole, or whose trips all cost the same.
    """
    insist_on_whole(folder)
    files = {split: files_of(folder, split) for split in SEEN}
    train, validation = (load(files[split]) for split in SEEN)
    train = train.some(limit, seed)
    _insist(folder, train, validation)
    digest = digest_of([file for split in SEEN for file in files[split]])
    return Trips(folder, train, validation, files, digest)


def insist_on_whole(folder: Path) -> None:
    """Raise TripsInvalid where the ETL did not come to its end."""
    if not (folder / SUMMARY).is_file():
        raise TripsInvalid(
            f"{folder} holds no {SUMMARY}: `python -m training.etl` did not fill it, or not to the end"
        )


def _insist(folder: Path, train: Rows, validation: Rows) -> None:
    if not len(train) or not len(validation):
        raise TripsInvalid(
            f"{folder} has {len(train):,} trips to train on and {len(validation):,} to validate on:"
            " some of both are needed"
        )
    if np.ptp(train.fares) == 0:
        raise TripsInvalid(
            f"all {len(train):,} trips of {folder} cost {train.fares[0]:.2f} dollars:"
            " there is nothing to learn"
        )


def files_of(folder: Path, split: str) -> list[Path]:
    """Name a split's files in order: `SPLIT.parquet`, which may be a folder of parts."""
    split_at = folder / f"{split}.parquet"
    return sorted(split_at.glob("*.parquet")) if split_at.is_dir() else [split_at]


def load(files: Sequence[Path]) -> Rows:
    """Read the files of one split. Raises TripsInvalid where they are not what the ETL writes."""
    try:
        with duckdb.connect() as db:
            found = db.read_parquet([str(file) for file in files]).select(*FEATURES, TARGET).fetchnumpy()
    except duckdb.Error as error:
        named = ", ".join(map(str, files)) or "nothing"
        raise TripsInvalid(f"{named} is no split of trips: {str(error).splitlines()[0]}") from error
    return Rows(np.column_stack([_column(found[name]) for name in FEATURES]), _column(found[TARGET]))


def digest_of(files: Sequence[Path]) -> str:
    """SHA-256 over the bytes of files, one after the other; of one file, as a gate takes it."""
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as content:
            while block := content.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _column(values: Any) -> NDArray[np.float32]:
    return np.asarray(values, dtype="float32")
