"""The first line of a CSV, as anybody may have written it: packed or not, with any of three delimiters."""

import codecs
import gzip
import itertools
import re
import zlib
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from training.errors import TripsInvalid

DELIMITERS: Final = (",", ";", "\t")
"""Where it is no comma, the file comes from a place where decimals may have one."""
_GZIP_MAGIC: Final = b"\x1f\x8b"
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LONGEST: Final = 64 * 1024


@dataclass(frozen=True)
class Header:
    """All columns in order, each name once; whether the file is gzipped, whatever it is called."""

    columns: tuple[str, ...]
    delimiter: str
    packed: bool

    @property
    def places(self) -> list[str]:
        """Name every column by its place: names that no file can make trouble with."""
        return [f"c{place}" for place in range(len(self.columns))]

    def place(self, name: str) -> str:
        """The name, by its place, of a column."""
        return f"c{self.columns.index(name)}"


def read_header(file: Path, expected: Sequence[str]) -> Header:
    """Read the first line, by the delimiter that gives most of the expected names. Raises TripsInvalid."""
    head = read_head(file, _LONGEST)
    if head.startswith(_UTF16):
        raise not_a_table(file, "it is written in UTF-16: save it as UTF-8")
    line = re.split(rb"[\r\n]", head, maxsplit=1)[0]
    if len(line) == _LONGEST:
        raise not_a_table(file, f"its first line is longer than {_LONGEST // 1024} KB")
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise not_a_table(file, "its first line is not text") from error
    if "\0" in text:
        raise not_a_table(file, "its first line is not text")
    read = {delimiter: _names(text, delimiter) for delimiter in DELIMITERS}
    delimiter = max(read, key=lambda one: len(set(read[one]) & set(expected)))
    return Header(read[delimiter], delimiter, _is_packed(file))


def read_head(file: Path, size: int) -> bytes:
    """Read the first bytes, unpacked. Raises TripsInvalid."""
    try:
        with file.open("rb") as raw:
            packed = raw.peek(len(_GZIP_MAGIC)).startswith(_GZIP_MAGIC)
            with gzip.open(raw) if packed else nullcontext(raw) as unpacked:
                return unpacked.read(size)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise not_a_table(file, f"it is a damaged gzip file ({error})") from error
    except OSError as error:
        raise TripsInvalid(f"cannot read {file}: {error.strerror}") from error


def not_a_table(file: Path, why: str) -> TripsInvalid:
    """Say of a file that it is none of trips."""
    return TripsInvalid(f"{file} is neither a CSV nor a Parquet file of trips: {why}")


def _names(text: str, delimiter: str) -> tuple[str, ...]:
    """Unnamed and repeated columns get a name of their own, so that they can be skipped."""
    names = [name.strip(' "') for name in text.split(delimiter)] if text.strip() else []
    return tuple(
        name if name and name not in names[:position] else f"unnamed {position}"
        for position, name in zip(itertools.count(), names, strict=False)
    )


def _is_packed(file: Path) -> bool:
    with file.open("rb") as raw:
        return raw.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
