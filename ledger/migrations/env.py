"""Alembic's entry: the connection is handed in by `ledger.migrate`."""

from alembic import context

from ledger.chat_tables import FollowRow  # noqa: F401 each module's tables are then among the metadata
from ledger.signin_tables import TokenRow  # noqa: F401 as above
from ledger.tables import Table

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Table.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
