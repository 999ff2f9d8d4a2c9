"""Work that fails again and again is given up and kept; a claim is known by its turn."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    op.add_column("work", sa.Column("turn", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("work", sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("work", sa.Column("given_up", sa.DateTime(timezone=True), nullable=True))
