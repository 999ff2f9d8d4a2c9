"""Requests to trainers for a new candidate, of which a model has one open at a time."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    op.create_table(
        "retrainings",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("request", sa.Text(), nullable=False, unique=True),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("asked", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index(
        "retrainings_open", "retrainings", ["model"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_index("retrainings_of_model", "retrainings", ["model"])
