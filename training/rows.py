"""The rows of a folder that the ETL wrote, as a model takes them, and what identifies them."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
from numpy.typing import NDArray

from training.errors import TripsInvalid
from training.etl.columns import TARGET
from training.etl.features import FEATURES
from training.etl.folder import SUMMARY, parts
from training.etl.folder import digest_of as folder_digest

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
    """What training sees of a folder: rows, and the digest of the files they came from."""

    folder: Path
    train: Rows
    validation: Rows
    digest: str


def read(folder: Path, limit: int, seed: int) -> Trips:
    """Read the splits that training sees; `limit` and `seed` are those of `Rows.some`, for the train split.

    Raises TripsInvalid for a folder that is not whole, or whose trips all cost the same.
    """
    insist_on_whole(folder)
    train, validation = (load(folder / f"{split}.parquet") for split in SEEN)
    train = train.some(limit, seed)
    _insist(folder, train, validation)
    return Trips(folder, train, validation, digest_of(folder))


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


def load(split: Path) -> Rows:
    """Read one split, a file or a folder of them. Raises TripsInvalid where it is none."""
    try:
        with duckdb.connect() as db:
            found = (
                db.read_parquet([str(part) for part in parts(split)]).select(*FEATURES, TARGET).fetchnumpy()
            )
    except duckdb.Error as error:
        raise TripsInvalid(f"{split} is no split of trips: {str(error).splitlines()[0]}") from error
    return Rows(np.column_stack([_column(found[name]) for name in FEATURES]), _column(found[TARGET]))


def digest_of(folder: Path) -> str:
    """SHA-256 over what training sees of a folder."""
    digests = [folder_digest(folder / f"{split}.parquet") for split in SEEN]
    return hashlib.sha256(" ".join(digests).encode()).hexdigest()


def _column(values: Any) -> NDArray[np.float32]:
    return np.asarray(values, dtype="float32")
