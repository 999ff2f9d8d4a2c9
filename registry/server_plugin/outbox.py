"""The table of changes that are to be delivered, in MLflow's own database, and all that is asked of it.

A row is written by `recording` in MLflow's transaction. Any server process may deliver it: it takes the row
for a while by moving `due_ms` into the future, so what a killed process had taken comes due by itself. Within
one version `seq` is the order of commits, as writing a version locks its row; across versions it is not, so
rows are found by `delivered_ms` being null and never by being newer than another.
"""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    and_,
    delete,
    exists,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError

from registry.server_plugin.wire import Change

table = Table(
    "gatehouse_outbox",
    MetaData(),
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("message_id", String(40), nullable=False, unique=True),
    Column("workspace", String(63)),
    Column("name", String(256), nullable=False),
    Column("version", Integer, nullable=False),
    Column("from_stage", String(20)),
    Column("to_stage", String(20), nullable=False),
    Column("actor", String(256)),
    Column("happened_ms", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("due_ms", BigInteger, nullable=False, default=0),
    Column("delivered_ms", BigInteger),
)
waiting = table.c.delivered_ms.is_(None)
Index(
    "gatehouse_outbox_waiting",
    *(table.c.name, table.c.version, table.c.seq),
    sqlite_where=waiting,
    postgresql_where=waiting,
)


@dataclass(frozen=True)
class Taken:
    """A change that this process has taken to deliver; `attempts` counts this one."""

    seq: int
    attempts: int
    change: Change


def make_table(engine: Engine) -> None:
    """Create what is missing. Many processes may do so at once: whoever comes second finds it there."""
    _create(engine, table)
    for index in table.indexes:
        _create(engine, index)


def add(connection: Connection, change: Change) -> None:
    """Write a change down, in the transaction that `connection` is in."""
    connection.execute(insert(table).values(**asdict(change)))


def take(engine: Engine, *, now_ms: int, until_ms: int) -> Taken | None:
    """Take the first change that is due and has no undelivered one of its version before it."""
    before = table.alias()
    same = and_(
        before.c.name == table.c.name,
        before.c.version == table.c.version,
        before.c.workspace.is_not_distinct_from(table.c.workspace),
    )
    held_up = exists().where(before.c.delivered_ms.is_(None), before.c.seq < table.c.seq, same)
    first = select(table).where(waiting, table.c.due_ms <= now_ms, ~held_up).order_by(table.c.seq).limit(1)
    while True:
        with engine.begin() as connection:
            if (row := connection.execute(first).first()) is None:
                return None
            ours = update(table).where(table.c.seq == row.seq, table.c.due_ms == row.due_ms, waiting)
            moved = connection.execute(ours.values(due_ms=until_ms, attempts=row.attempts + 1)).rowcount
        if moved:
            return _taken(row)


def mark_delivered(engine: Engine, seq: int, now_ms: int) -> None:
    """The receiver has it."""
    _set(engine, seq, delivered_ms=now_ms)


def put_back(engine: Engine, seq: int, due_ms: int) -> None:
    """Not delivered: it may be taken again at `due_ms`."""
    _set(engine, seq, due_ms=due_ms)


def forget(engine: Engine, delivered_before_ms: int) -> None:
    """Delete what was delivered long ago."""
    with engine.begin() as connection:
        connection.execute(delete(table).where(table.c.delivered_ms < delivered_before_ms))


def _set(engine: Engine, seq: int, **values: int) -> None:
    with engine.begin() as connection:
        connection.execute(update(table).where(table.c.seq == seq, waiting).values(**values))


def _taken(row: Any) -> Taken:
    change = Change(**{name: getattr(row, name) for name in Change.__dataclass_fields__})
    return Taken(row.seq, row.attempts + 1, change)


def _create(engine: Engine, wanted: Table | Index) -> None:
    try:
        wanted.create(engine, checkfirst=True)
    except DBAPIError:
        # Between the look and the creation another process was faster; each database words it differently.
        there = inspect(engine)
        found = there.has_table(table.name)
        if isinstance(wanted, Index):
            found = found and there.has_index(table.name, str(wanted.name))
        if not found:
            raise
