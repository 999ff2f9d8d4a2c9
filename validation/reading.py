"""Reads the rows of a data set's files, chunk by chunk, and what their bytes were.

A CSV tells no types: each chunk shows some, and where they differ all is read once more as what holds them
all: decimals if all are numbers, else text.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final

import pandas as pd
import pyarrow as pa

from validation.addresses import DataFile, HoldoutInvalid, files_at, telling
from validation.parsing import CSV, PARQUET, Types, chunks_of, wider

_COPY_BYTES: Final = 1 << 20


@dataclass(frozen=True, eq=False)
class Read:
    """All rows of all files, with the SHA-256 of what was read, and the latest change of any file.

    Of one file the digest is that of its bytes, whatever it is called; of a folder, that of its files' names
    and digests. `written` is None where a file's store does not tell.
    """

    frame: pd.DataFrame
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


def read(address: str) -> Read:
    """The rows at an address, in the order of the files' names. Raises HoldoutInvalid, naming the file."""
    with ExitStack() as stack:
        opened = [_open(file, stack) for file in files_at(address)]
        try:
            table = _all_rows(opened, {})
        except _Wider as found:
            table = _all_rows(opened, found.types)
    times = [each.file.written for each in opened]
    known = [time for time in times if time is not None]
    return Read(table.to_pandas(), _digest(opened), max(known) if len(known) == len(times) else None)


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


def _digest(opened: list[_Opened]) -> str:
    if len(opened) == 1:
        return opened[0].digest
    lines = "".join(f"{each.digest}  {each.file.name}\n" for each in opened)
    return hashlib.sha256(lines.encode()).hexdigest()


def _all_rows(opened: list[_Opened], types: Types) -> pa.Table:
    """Raises _Wider if the chunks are not all of the same types, or there are columns without any value."""
    all_texts = all(each.file.name.endswith(CSV) for each in opened)
    found, chunks = types, []
    for each, chunk in _chunks(opened, types):
        found = wider(found, chunk.schema, each.shown, texts=all_texts)
        chunks.append(chunk)
    fit = {name: pa.float64() if kind == pa.null() else kind for name, kind in found.items()}
    if any(chunk.schema != pa.schema(fit) for chunk in chunks):
        raise _Wider(fit)
    return pa.concat_tables(chunks)


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
