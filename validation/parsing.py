"""Parses one CSV or Parquet file into Arrow tables of so many rows, and finds types that hold them all."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import BinaryIO, Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from validation.addresses import HoldoutInvalid

CHUNK_ROWS: Final = 65_536
CSV: Final = (".csv", ".csv.gz")
PARQUET: Final = (".parquet", ".pq")
TEXT: Final = pa.large_string()
Types = Mapping[str, pa.DataType]
"""By column."""


def chunks_of(file: BinaryIO, name: str, where: str, types: Types) -> Iterator[pa.Table]:
    """At least one table, if an empty one; of the `types`, where they are given. Raises HoldoutInvalid."""
    read = _csv if name.endswith(CSV) else _parquet
    try:
        for chunk in read(file, name, types):
            if doubled := [each for each, times in Counter(chunk.column_names).items() if times > 1]:
                raise HoldoutInvalid(f"{where} has more than one column '{doubled[0]}'")
            yield _typed(chunk, types)
    except pd.errors.EmptyDataError:
        raise HoldoutInvalid(f"{where} is empty") from None
    except ValueError as error:  # pandas' and Arrow's own parse errors are all ValueErrors
        said = " ".join(str(error).split())[:200]
        kind = PurePosixPath(name).suffix
        raise HoldoutInvalid(f"{where} cannot be read as {kind}: {said}") from error


def wider(types: Types, chunk: pa.Schema, where: str, *, texts: bool) -> Types:
    """Types that hold all of before and of one chunk; text if nothing else does, where `texts` may be made.

    Raises HoldoutInvalid, naming the column and the file.
    """
    return {field.name: _wider(types.get(field.name), field, where, texts=texts) for field in chunk}


def _wider(known: pa.DataType | None, field: pa.Field, where: str, *, texts: bool) -> pa.DataType:
    if known is None or known == field.type:
        return field.type
    both = [pa.schema([(field.name, kind)]) for kind in (known, field.type)]
    try:
        return pa.unify_schemas(both, promote_options="permissive").field(0).type
    except pa.ArrowTypeError:
        if texts:
            return TEXT
        what = f"column '{field.name}' of {where} holds {field.type}, and before it {known}"
        raise HoldoutInvalid(f"{what}: write both files with one type") from None


def _csv(file: BinaryIO, name: str, types: Types) -> Iterator[pa.Table]:
    frames = pd.read_csv(
        file,
        compression="gzip" if name.endswith(".gz") else None,
        low_memory=False,
        chunksize=CHUNK_ROWS,
        dtype={column: str for column, kind in types.items() if kind == TEXT},
    )
    for frame in frames:
        yield _unsure(_arrow(frame))


def _arrow(frame: pd.DataFrame) -> pa.Table:
    try:
        return pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()
    except OverflowError:  # whole numbers of more than 64 bits, which nothing here can count
        return pa.Table.from_pandas(frame.map(_countable), preserve_index=False).replace_schema_metadata()


def _countable(cell: object) -> object:
    return float(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell


def _unsure(table: pa.Table) -> pa.Table:
    """A column without any value may be of any type; pandas takes it for decimals."""
    for at, column in enumerate(table.columns):
        if column.null_count == len(table):
            table = table.set_column(at, table.column_names[at], pa.nulls(len(table)))
    return table


def _parquet(file: BinaryIO, _: str, __: Types) -> Iterator[pa.Table]:
    """An index that pandas wrote beside the columns is none of them."""
    parquet = pq.ParquetFile(file)
    schema = parquet.schema_arrow
    index = (schema.pandas_metadata or {}).get("index_columns", [])
    empty = schema.empty_table().to_batches() or [pa.RecordBatch.from_pylist([], schema=schema)]
    for batch in _batches(parquet) if parquet.metadata.num_rows else empty:
        table = pa.Table.from_batches([batch])
        yield _plain(table.drop_columns([each for each in table.column_names if each in index]))


def _batches(parquet: pq.ParquetFile) -> Iterator[pa.RecordBatch]:
    """A few row groups at a time: in one go Arrow would hold all that it has read until the end."""
    groups: list[int] = []
    rows = 0
    for group in range(parquet.num_row_groups):
        groups.append(group)
        rows += parquet.metadata.row_group(group).num_rows
        if rows >= CHUNK_ROWS or group == parquet.num_row_groups - 1:
            yield from parquet.iter_batches(CHUNK_ROWS, row_groups=groups)
            groups, rows = [], 0


def _plain(table: pa.Table) -> pa.Table:
    """Words as words, not as numbers of a dictionary that each chunk has of its own."""
    for at, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(at, field.name, table.column(at).cast(field.type.value_type))
    return table.replace_schema_metadata()


def _typed(table: pa.Table, types: Types) -> pa.Table:
    """Whole numbers become decimals where the file has both, however large they are, as in pandas."""
    if not types:
        return table
    return table.cast(
        pa.schema([(name, types[name]) for name in table.column_names if name in types]), safe=False
    )
