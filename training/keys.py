"""The keys of the trips that training sees, so that a gate can tell whether a hold-out's are among them."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from registry.training_keys import write_keys
from training.errors import TripsInvalid
from training.etl.columns import KEY
from training.etl.folder import parts


def keys_of(splits: Sequence[Path]) -> bytes:
    """The file to be logged, of some files of `training.etl`. Raises TripsInvalid."""
    paths = [str(part) for split in splits for part in parts(split)]
    try:
        with duckdb.connect() as db:
            cells = db.read_parquet(paths).select(KEY).fetchnumpy()[KEY]
    except duckdb.Error as error:
        raise TripsInvalid(f"{', '.join(paths)}: no keys of trips: {str(error).splitlines()[0]}") from error
    return write_keys(KEY, cells.tolist())
