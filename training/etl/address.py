"""Brings a file of trips here, from any address that fsspec reaches; a path stays where it is."""

import shutil
from pathlib import Path
from typing import Final

from training.errors import TripsInvalid

_LOCAL: Final = "file://"


def fetched(address: str, scratch: Path) -> Path:
    """Where the file lies on this machine. Raises TripsInvalid where it cannot be had.

    What comes over a network is copied first: it is read twice, by the engine and for its digest, and a
    connection that breaks must not look like a short file.
    """
    if "://" not in address:
        return Path(address)
    if address.startswith(_LOCAL):
        return Path(address.removeprefix(_LOCAL))
    import fsspec

    copy = scratch / Path(address.partition("?")[0]).name
    try:
        with fsspec.open(address, "rb") as there, copy.open("wb") as here:
            shutil.copyfileobj(there, here, 1 << 20)
    except (OSError, ImportError, ValueError) as error:
        raise TripsInvalid(f"cannot fetch {address}: {str(error).strip() or type(error).__name__}") from error
    except Exception as error:  # every store has errors of its own; all of them mean that there is no file
        raise TripsInvalid(f"cannot fetch {address}: {type(error).__name__}: {error}") from error
    return copy
