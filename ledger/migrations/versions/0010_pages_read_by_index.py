"""Pages read what concerns one version, what waits, or what was replayed, without reading all the rest."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

REPLAYED = sa.text("origin = 'replay'")


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    op.create_index("sightings_by_stage", "sightings", ["model", "stage", "version"])
    op.create_index("actions_of_version", "actions", ["model", "version"])
    op.create_index("messages_of_version", "messages", ["model", "version"])
    op.create_index("decisions_by_answer", "decisions", ["answer", "model", "version"])
    op.create_index(
        "events_replayed", "events", ["delivery_id"], sqlite_where=REPLAYED, postgresql_where=REPLAYED
    )
