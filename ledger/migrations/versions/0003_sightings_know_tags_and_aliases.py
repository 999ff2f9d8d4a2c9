"""Sightings know tags and aliases, so that a full sweep can tell what has changed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    with op.batch_alter_table("sightings") as sightings:
        sightings.add_column(sa.Column("tags", sa.Text(), nullable=True))
        sightings.add_column(sa.Column("aliases", sa.Text(), nullable=True))
        sightings.add_column(sa.Column("seen", sa.DateTime(timezone=True), nullable=True))
