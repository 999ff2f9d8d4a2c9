"""The folder that the ETL fills: whole or not there. `summary.json` is taken away first and put back last."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from training.errors import OutputUnavailable

SUMMARY: Final = "summary.json"
DATA_PROFILE: Final = "data-profile.json"
_FULL: Final = ("No space left", "File too large", "Disk quota exceeded", "not enough space")


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """Give a folder beside `out`; once it is filled, what is in it takes its place there, the summary last.

    Raises OutputUnavailable where there is no room or no right to write; nothing in `out` has changed then.
    """
    is_new = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out, prefix=".partial-", ignore_cleanup_errors=True) as partial:
            yield Path(partial)
            _publish(Path(partial), out)
    except OSError as error:
        raise unwritten(out, error.strerror or str(error)) from error
    finally:
        if is_new and out.is_dir() and not any(out.iterdir()):
            out.rmdir()


def unwritten(out: Path, why: str) -> OutputUnavailable:
    """Say that a folder could not be filled."""
    return OutputUnavailable(
        f"cannot write to {out}: {why}; what was there is still whole: make room, then call again"
    )


def is_for_want_of_room(said: str) -> bool:
    """Tell a full disk from an engine's other errors."""
    return any(words in said for words in _FULL)


def parts(split: Path) -> list[Path]:
    """List the files of a split: DuckDB writes one, Spark a folder of them."""
    return sorted(split.glob("*.parquet")) if split.is_dir() else [split]


def digest_of(split: Path) -> str:
    """SHA-256 of a split's bytes; of one file, as a gate takes it of the data that it judges on."""
    digest = hashlib.sha256()
    for part in parts(split):
        with part.open("rb") as content:
            while block := content.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _publish(partial: Path, out: Path) -> None:
    (out / SUMMARY).unlink(missing_ok=True)
    for made in sorted(partial.iterdir(), key=lambda made: made.name == SUMMARY):
        place = out / made.name
        if place.is_dir():
            shutil.rmtree(place)
        elif made.is_dir():
            place.unlink(missing_ok=True)
        made.replace(place)
