"""Insert, unless it is there: the one thing that SQLite and PostgreSQL both have and SQL does not spell.

Two writers at the same moment then find one row, where "look first, insert then" would fail one of them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Text, bindparam, cast, column, func, select
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ledger.tables import Table

Insert = postgresql.Insert | sqlite.Insert


def insert(session: Session, row: type[Table]) -> Insert:
    """An INSERT into the table of `row` that takes `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return insert_on(dialect_of(session), row)


def insert_on(dialect: str, row: type[Table]) -> Insert:
    """The same for those who write their statement once and keep it."""
    table = _table(row)
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def insert_many_on(dialect: str, row: type[Table], names: Sequence[str]) -> Insert:
    """An INSERT that takes these columns of many rows, as `many` hands them over.

    On PostgreSQL all rows are one parameter, since a statement a row costs the server more than the row;
    SQLite runs in this process and takes row by row.
    """
    if dialect != "postgresql":
        return insert_on(dialect, row)
    columns = [column(name, _table(row).c[name].type) for name in names]
    given = func.json_to_recordset(cast(bindparam("rows", type_=Text), JSON)).table_valued(*columns)
    return postgresql.insert(_table(row)).from_select(names, select(*given.render_derived(with_types=True).c))


def many(session: Session, rows: Iterable[Mapping[str, Any]]) -> Any:
    """Rows, at least one, in the form that a statement of `insert_many_on` takes."""
    listed = list(rows)
    if dialect_of(session) != "postgresql":
        return listed
    return {"rows": json.dumps(listed, ensure_ascii=False, default=datetime.isoformat)}


def dialect_of(session: Session) -> str:
    """The kind of database."""
    return session.get_bind().dialect.name


def _table(row: type[Table]) -> SqlTable:
    table = row.__table__
    assert isinstance(table, SqlTable)
    return table
