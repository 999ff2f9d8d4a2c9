"""Insert, unless it is there: the one thing that SQLite and PostgreSQL both have and SQL does not spell.

Two writers at the same moment then find one row, where "look first, insert then" would fail one of them.
"""

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
    table = row.__table__
    assert isinstance(table, SqlTable)
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def dialect_of(session: Session) -> str:
    """The kind of database."""
    return session.get_bind().dialect.name
