"""The keys of the trips that training sees, so that a gate can tell whether a hold-out's are among them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import duckdb

from registry.training_keys import write_keys
from training.errors import TripsInvalid

KEY: Final = "key"


def keys_of(splits: Sequence[Path]) -> bytes:
    """The file to be logged, of some files of `training.etl`. Raises TripsInvalid."""
    paths = [str(split) for split in splits]
    try:
        with duckdb.connect() as db:
            cells = db.read_parquet(paths).select(KEY).fetchnumpy()[KEY]
    except duckdb.Error as error:
        raise TripsInvalid(f"{', '.join(paths)}: no keys of trips: {str(error).splitlines()[0]}") from error
    return write_keys(KEY, cells.tolist())
