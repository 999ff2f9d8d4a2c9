"""Brings a ledger to this product's version, and refuses one of another.

Only `gatehouse up` and `gatehouse ledger upgrade` migrate; everything else checks and says what to do.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from ledger.errors import LedgerRefused, LedgerUnavailable

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0012"
"""The migration that this code was written for; a test holds it to the scripts."""
MIGRATING = 20261123
"""The advisory lock of whoever migrates a PostgreSQL ledger."""


def upgrade(engine: Engine) -> None:
    """Run the migrations that are missing. Raises LedgerRefused for a ledger of a newer product."""
    from alembic import command

    if _revision(engine) not in {None, *_known()}:
        raise LedgerRefused(_newer(engine))
    with _opened(engine), engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            # Of two that start at once, one migrates and the other finds it done. SQLite locks by itself.
            connection.execute(text(f"select pg_advisory_xact_lock({MIGRATING})"))
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def check(engine: Engine) -> None:
    """Raises LedgerRefused unless the ledger is exactly of this version."""
    revision = _revision(engine)
    if revision == HEAD:
        return
    if revision is None or revision in _known():
        raise LedgerRefused(
            f"the ledger at {_where(engine)} is not set up for this version; "
            "run: gatehouse up, or gatehouse ledger upgrade"
        )
    raise LedgerRefused(_newer(engine))


def alembic_config() -> "Config":
    """Alembic's configuration, without an ini file. Imported late: only an upgrade needs Alembic."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _known() -> set[str]:
    return {
        path.name.split("_", 1)[0] for path in (Path(__file__).parent / "migrations/versions").glob("*.py")
    }


def _revision(engine: Engine) -> str | None:
    with _opened(engine), engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("select version_num from alembic_version")).scalar()


@contextmanager
def _opened(engine: Engine) -> Iterator[None]:
    """A file that cannot be opened is for a person to see to; a server may only be away."""
    try:
        yield
    except DBAPIError as error:
        kind = LedgerRefused if engine.dialect.name == "sqlite" else LedgerUnavailable
        raise kind(f"the ledger at {_where(engine)} cannot be opened: {error.orig}") from error


def _newer(engine: Engine) -> str:
    return (
        f"the ledger at {_where(engine)} was written by a newer Gatehouse (schema {_revision(engine)}, "
        f"this one knows {HEAD}); install that version, nothing was changed"
    )


def _where(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)
