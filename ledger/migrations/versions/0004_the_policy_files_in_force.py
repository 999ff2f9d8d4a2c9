"""Which text of each policy file was the last good one, so that a broken change leaves it in force."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    op.create_table(
        "policy_files",
        sa.Column("file", sa.Text(), primary_key=True),
        sa.Column("digest", sa.Text(), sa.ForeignKey("policies.digest"), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    )
