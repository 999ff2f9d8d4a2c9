"""Reads the rows of a data set's files, chunk by chunk, and what their bytes were.

A CSV tells no types: each chunk shows some, and where they differ all is read once more as what holds them
all: decimals if all are numbers, else text.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final, Generic, TypeVar

import pyarrow as pa

from validation.addresses import DataFile, HoldoutInvalid, files_at, telling
from validation.parsing import CSV, PARQUET, Types, chunks_of, wider

_COPY_BYTES: Final = 1 << 20


Taken = TypeVar("Taken")


@dataclass(frozen=True, eq=False)
class Read(Generic[Taken]):
    """What was made of all rows, the SHA-256 of what was read, and the latest change of any file.

    Of one file the digest is that of its bytes, whatever it is called; of a folder, that of its files' names
    and digests. `written` is None where a file's store does not tell.
    """

    taken: Taken
    digest: str
    written: datetime | None


@dataclass(frozen=True)
class _Opened:
    """A file whose bytes can be read again; those from elsewhere lie in a copy that nobody else can reach."""

    file: DataFile
    bytes: BinaryIO
    digest: str


class _Wider(Exception):
    """The chunks had different types; these hold them all."""

    def __init__(self, types: Types) -> None:
        super().__init__()
        self.types = types


def read(address: str, take: Callable[[Iterator[pa.Table]], Taken]) -> Read[Taken]:
    """Have the rows at an address taken, chunk by chunk, in the order of the files' names.

    All chunks have the same columns and types. `take` may be called a second time, when the first went by
    types that later chunks showed to be too narrow. Raises HoldoutInvalid, naming the file.
    """
    with ExitStack() as stack:
        opened = [_open(file, stack) for file in files_at(address)]
        try:
            taken = take(_typed(opened, {}))
        except _Wider as found:
            taken = take(_typed(opened, found.types))
    times = [each.file.written for each in opened]
    known = [time for time in times if time is not None]
    return Read(
        taken,
        digest_of_files([(each.digest, each.file.name) for each in opened]),
        max(known) if len(known) == len(times) else None,
    )


def _open(file: DataFile, stack: ExitStack) -> _Opened:
    if not file.name.endswith((*CSV, *PARQUET)):
        raise HoldoutInvalid(f"{file.shown} is neither .csv nor .parquet")
    with telling(file.shown):
        source = stack.enter_context(file.open())
        if not file.local:
            copy = stack.enter_context(tempfile.TemporaryFile(prefix="gatehouse-"))  # noqa: SIM115 it is
            shutil.copyfileobj(source, copy, _COPY_BYTES)
            source = copy
        source.seek(0)
        digest = hashlib.sha256()
        while block := source.read(_COPY_BYTES):
            digest.update(block)
    return _Opened(file, source, digest.hexdigest())


def digest_of_files(files: Sequence[tuple[str, str]]) -> str:
    """Of one file its own digest, of several that of their digests and names."""
    if len(files) == 1:
        return files[0][0]
    lines = "".join(f"{digest}  {name}\n" for digest, name in files)
    return hashlib.sha256(lines.encode()).hexdigest()


def _typed(opened: list[_Opened], types: Types) -> Iterator[pa.Table]:
    """The chunks as long as all have the types of the first; in the end _Wider, unless it was so of all."""
    all_texts = all(each.file.name.endswith(CSV) for each in opened)
    found, first, narrow = types, None, False
    for each, chunk in _chunks(opened, types):
        found = wider(found, chunk.schema, each.shown, texts=all_texts)
        first = first or chunk.schema
        narrow = narrow or not first == chunk.schema == pa.schema(found)
        if not narrow:
            yield chunk
    if narrow or pa.null() in found.values():
        decimal = pa.float64()
        raise _Wider({name: decimal if kind == pa.null() else kind for name, kind in found.items()})


def _chunks(opened: list[_Opened], types: Types) -> Iterator[tuple[DataFile, pa.Table]]:
    """Every chunk and its file; all have the columns of the first file, in its order."""
    names: list[str] = []
    for each in opened:
        file = each.file
        each.bytes.seek(0)
        with telling(file.shown):
            for chunk in chunks_of(each.bytes, file.name, file.shown, types):
                names = names or chunk.column_names
                _must_match(chunk.column_names, names, file.shown, opened[0].file.shown)
                yield file, chunk.select(names)


def _must_match(names: list[str], first: list[str], file: str, first_file: str) -> None:
    for less, more, this, other in ((names, first, file, first_file), (first, names, first_file, file)):
        if lacking := [name for name in more if name not in less]:
            raise HoldoutInvalid(f"{this} has no column '{lacking[0]}', which {other} has")
