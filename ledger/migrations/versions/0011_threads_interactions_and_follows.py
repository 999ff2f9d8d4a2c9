"""Threads of candidates in chats, clicks from there, who follows and mutes what, plots for messages."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    op.create_table(
        "threads",
        sa.Column("channel", sa.Text(), primary_key=True),
        sa.Column("model", sa.Text(), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("ts", sa.Text(), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("plot", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("threads_of_version", "threads", ["model", "version"])
    op.create_table(
        "interactions",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("click", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("interactions_due", "interactions", ["state", "due"])
    op.create_table(
        "follows",
        sa.Column("model", sa.Text(), primary_key=True),
        sa.Column("channel", sa.Text(), primary_key=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("messages_in_order", "messages", ["state", "via", "model", "id"])
    op.add_column("reports", sa.Column("plot", sa.LargeBinary(), nullable=True))
