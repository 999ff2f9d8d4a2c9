"""Which versions each hold-out has judged, by its digest; those of the evidence on record among them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    uses = op.create_table(
        "holdout_uses",
        sa.Column("digest", sa.Text(), primary_key=True),
        sa.Column("model", sa.Text(), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("first", sa.DateTime(timezone=True), nullable=False),
    )
    time = sa.DateTime(timezone=True)
    evidence = sa.table("evidence", sa.column("evidence", sa.Text()), sa.column("at", time))
    first: dict[tuple[str, str, int], dict[str, Any]] = {}
    for text, at in op.get_bind().execute(sa.select(evidence.c.evidence, evidence.c.at).order_by("at")):
        for row in _rows(json.loads(text), at.replace(tzinfo=at.tzinfo or UTC)):
            first.setdefault((row["digest"], row["model"], row["version"]), row)
    if first:
        op.bulk_insert(uses, list(first.values()))


def _rows(evidence: dict[str, Any], at: datetime) -> Iterator[dict[str, Any]]:
    of = evidence["candidate"]
    for dataset, digest in (evidence.get("datasets") or {}).items():
        row = {"digest": digest, "model": of["name"], "version": of["version"]}
        yield row | {"dataset": dataset, "first": at}
