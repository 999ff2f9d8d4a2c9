"""Opens the ledger's database: SQLite in WAL mode, or PostgreSQL.

`writing` takes SQLite's write lock at once: a transaction that reads first and writes later would be
refused in the middle of its work whenever another process wrote in between.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from ledger.errors import LedgerCollision, LedgerError, LedgerInvalid, LedgerRefused, LedgerUnavailable

BUSY_S = 10
"""How long a writer waits for another before it gives up, in seconds."""
POSTGRES = {
    "connect_timeout": "5",
    "tcp_user_timeout": f"{BUSY_S}000",
    "options": f"-c lock_timeout={BUSY_S}s",
}
"""A server that is gone costs seconds, not the quarter of an hour that TCP waits; the address may differ."""
COLLISIONS = {"40P01", "40001", "23505"}
"""Deadlock, serialization failure, and a row that another has just inserted."""
LIMIT_EXCEEDED = "54"
SNAPSHOT: dict[str, dict[str, Any]] = {
    "sqlite": {"reads_only": True},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}
"""What makes a transaction one consistent view."""


def open_ledger(url: str) -> Engine:
    """An engine for the ledger. Raises LedgerRefused for a URL or a folder that cannot be one."""
    try:
        parsed = make_url(url)
        if parsed.drivername in {"postgresql", "postgres"}:
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() == "postgresql":
            return create_engine(parsed, pool_pre_ping=True, connect_args=POSTGRES | parsed.query)
        if parsed.get_backend_name() != "sqlite":
            raise LedgerRefused(f"a ledger is kept in SQLite or PostgreSQL, not in {parsed.drivername}")
        if parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, connect_args={"timeout": BUSY_S})
    except (ArgumentError, NoSuchModuleError) as error:
        raise LedgerRefused(f"GATEHOUSE_LEDGER_URL is not a database address: {error}") from error
    except OSError as error:
        raise LedgerRefused(f"the ledger's folder cannot be made: {error}") from error
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Hand transaction control to us, and make commits durable without one fsync per page."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if options.get('lasting', True) else 'NORMAL'}")
    connection.exec_driver_sql("BEGIN" if options.get("reads_only", False) else "BEGIN IMMEDIATE")


@contextmanager
def writing(engine: Engine, *, lasting: bool = True) -> Iterator[Session]:
    """One transaction: committed as a whole at the end, or not at all. Raises LedgerUnavailable.

    What need not outlive a power failure (`lasting=False`) does not wait for the disk. It outlives its
    process all the same, and is seen by all at once.
    """
    view = engine if lasting else engine.execution_options(lasting=False)
    with _told(engine), Session(view, expire_on_commit=False) as session, session.begin():
        if not lasting and engine.dialect.name == "postgresql":
            session.execute(text("SET LOCAL synchronous_commit TO OFF"))
        yield session


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A consistent view that never blocks a writer. Raises LedgerUnavailable."""
    view = engine.execution_options(**SNAPSHOT[engine.dialect.name])
    with _told(engine), Session(view, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def _told(engine: Engine) -> Iterator[None]:
    """Turn a driver's fault into our error; it names the database and never its password."""
    where = engine.url.render_as_string(hide_password=True)
    try:
        yield
    except UnicodeError as error:
        raise LedgerInvalid(f"the ledger cannot keep this text: {error}") from error
    except PoolTimeout as error:
        raise LedgerUnavailable(f"all connections to the ledger at {where} are in use") from error
    except DBAPIError as error:
        kind = _kind(error)
        said = "cannot keep this" if kind is LedgerInvalid else "does not answer"
        raise kind(f"the ledger at {where} {said}: {error.orig}") from error


def _kind(error: DBAPIError) -> type[LedgerError]:
    """By SQLSTATE, which SQLite has none of: it knows one writer at a time, so nothing collides."""
    state = getattr(error.orig, "sqlstate", None) or ""
    if state in COLLISIONS:
        return LedgerCollision
    too_large = state.startswith(LIMIT_EXCEEDED)
    return LedgerInvalid if too_large or isinstance(error, DataError) else LedgerUnavailable
