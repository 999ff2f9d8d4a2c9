"""Alembic's entry: the connection is handed in by `ledger.migrate`."""

from alembic import context

from ledger.tables import DeliveryRow

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=DeliveryRow.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
