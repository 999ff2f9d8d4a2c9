"""The ledger's tables. Facts are appended; only work, messages, actions and locks change state.

Times are UTC. JSON is kept as text: digests are taken over it, so no database may rewrite it.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, ForeignKey, Index, Text, TypeDecorator, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

REPLAYED = text("origin = 'replay'")


class Utc(TypeDecorator[datetime]):
    """A timezone-aware UTC time, also on SQLite, which forgets time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 SQLAlchemy's signature
        """Refuse naive times: they would be somebody's guess."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("the ledger takes aware times only; pass datetime.now(UTC)")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 SQLAlchemy's signature
        """Put back the zone that SQLite dropped."""
        if value is None:
            return None
        known: datetime = value
        return known.replace(tzinfo=UTC) if known.tzinfo is None else known.astimezone(UTC)


class Table(DeclarativeBase):
    """Base of all tables."""

    type_annotation_map = {datetime: Utc, str: Text}  # noqa: RUF012 SQLAlchemy reads it as a plain dict


class DeliveryRow(Table):
    """One signed POST, as it came. The sender's delivery id is the idempotency key."""

    __tablename__ = "deliveries"
    id: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    body: Mapped[str]
    received: Mapped[datetime]


class EventRow(Table):
    """One RegistryEvent and what became of it: accepted, or ignored with a reason."""

    __tablename__ = "events"
    __table_args__ = (
        Index("events_of_version", "model", "version"),
        Index("events_replayed", "delivery_id", sqlite_where=REPLAYED, postgresql_where=REPLAYED),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[str | None] = mapped_column(ForeignKey("deliveries.id"))
    origin: Mapped[str]
    model: Mapped[str]
    version: Mapped[int | None]
    kind: Mapped[str]
    event: Mapped[str]
    ignored: Mapped[str | None]
    at: Mapped[datetime]


class WorkRow(Table):
    """A version to be looked at. The row is there as long as there is something to do.

    `rung` counts the reasons to look: a look that began before the last ring does not end the work. `turn`
    counts the claims: whoever lost a claim to another no longer closes it. `failures` counts the looks in a
    row that ended as nobody foresaw; after too many, the row is kept as `given_up`.
    """

    __tablename__ = "work"
    __table_args__ = (UniqueConstraint("model", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    model: Mapped[str]
    version: Mapped[int]
    rung: Mapped[int]
    due: Mapped[datetime] = mapped_column(index=True)
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int]
    problem: Mapped[str | None]
    turn: Mapped[int] = mapped_column(default=0, server_default="0")
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    given_up: Mapped[datetime | None]


class LockRow(Table):
    """One holder per registered model may move its versions; a dead holder's lock runs out."""

    __tablename__ = "locks"
    model: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    until: Mapped[datetime]


class SightingRow(Table):
    """A version as the registry last showed it: what the sweep compares with."""

    __tablename__ = "sightings"
    __table_args__ = (Index("sightings_by_stage", "model", "stage", "version"),)
    model: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    stage: Mapped[str]
    updated: Mapped[datetime] = mapped_column(index=True)
    tags: Mapped[str | None]
    aliases: Mapped[str | None]
    seen: Mapped[datetime | None]


class WatermarkRow(Table):
    """Up to which change a registry was read; no row means that it was never read."""

    __tablename__ = "watermarks"
    source: Mapped[str] = mapped_column(primary_key=True)
    read_to: Mapped[datetime]


class PolicyRow(Table):
    """The text of every policy that ever judged."""

    __tablename__ = "policies"
    digest: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    text: Mapped[str]


class PolicyFileRow(Table):
    """The last good text of a policy file, by the file's path below the folder of policies."""

    __tablename__ = "policy_files"
    file: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(ForeignKey("policies.digest"))
    since: Mapped[datetime]


class EvidenceRow(Table):
    """Everything a decision was based on.

    `inputs` is the digest of what was measured (candidate, champion, needs, data): equal inputs are not
    measured twice, so an approval is not voided by a stopwatch that ran a little faster.
    """

    __tablename__ = "evidence"
    digest: Mapped[str] = mapped_column(primary_key=True)
    inputs: Mapped[str] = mapped_column(index=True)
    evidence: Mapped[str]
    at: Mapped[datetime]


class HoldoutUseRow(Table):
    """A version of a model that was judged on the data of a digest, and when first.

    `dataset` is what the policy of then called it.
    """

    __tablename__ = "holdout_uses"
    digest: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    dataset: Mapped[str]
    first: Mapped[datetime]


class SketchRow(Table):
    """What is kept beside evidence to draw a report from, as the measuring room wrote it."""

    __tablename__ = "sketches"
    evidence_digest: Mapped[str] = mapped_column(ForeignKey("evidence.digest"), primary_key=True)
    sketch: Mapped[str]
    at: Mapped[datetime]


class DecisionRow(Table):
    """One decision with its verdicts, bound to policy text, evidence and product version."""

    __tablename__ = "decisions"
    __table_args__ = (
        Index("decisions_of_version", "model", "version"),
        Index("decisions_by_answer", "answer", "model", "version"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    model: Mapped[str]
    version: Mapped[int]
    answer: Mapped[str]
    policy_digest: Mapped[str] = mapped_column(ForeignKey("policies.digest"))
    evidence_digest: Mapped[str] = mapped_column(ForeignKey("evidence.digest"))
    evaluation: Mapped[str]
    decision: Mapped[str]
    product: Mapped[str]
    at: Mapped[datetime]


class ReportRow(Table):
    """The report of an evaluation, by its digest: to be made, kept as a page (gzip), logged to the run."""

    __tablename__ = "reports"
    __table_args__ = (Index("reports_of_version", "model", "version"), Index("reports_due", "state", "due"))
    evaluation: Mapped[str] = mapped_column(primary_key=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"))
    model: Mapped[str]
    version: Mapped[int]
    page: Mapped[bytes | None]
    plot: Mapped[bytes | None]
    """The picture for messages: a PNG."""
    state: Mapped[str]
    due: Mapped[datetime]
    attempts: Mapped[int]
    problem: Mapped[str | None]
    at: Mapped[datetime]


class ApprovalRow(Table):
    """A reviewer's vote on one version, for exactly this evidence and policy."""

    __tablename__ = "approvals"
    __table_args__ = (Index("approvals_of_version", "model", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    model: Mapped[str]
    version: Mapped[int]
    approval: Mapped[str]
    at: Mapped[datetime]


class HoldRow(Table):
    """Somebody stops the moves of a model, or lets them go on; without a model, of all of them."""

    __tablename__ = "holds"
    __table_args__ = (Index("holds_of_model", "model"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    model: Mapped[str | None]
    verb: Mapped[str]
    by: Mapped[str]
    route: Mapped[str]
    account: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]
    told: Mapped[datetime | None]


class ActionRow(Table):
    """One step of a decision: written down before it is done, marked when seen done."""

    __tablename__ = "actions"
    __table_args__ = (Index("actions_of_version", "model", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"), index=True)
    model: Mapped[str]
    version: Mapped[int]
    step: Mapped[str]
    state: Mapped[str]
    note: Mapped[str]
    planned: Mapped[datetime]
    done: Mapped[datetime | None]


class MessageRow(Table):
    """What people are told, once by each channel: `key` names the fact, `via` the channel that carries it."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("key", "via"),
        Index("messages_of_version", "model", "version"),
        Index("messages_in_order", "state", "via", "model", "id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    via: Mapped[str]
    model: Mapped[str]
    version: Mapped[int | None]
    message: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    due: Mapped[datetime]
    attempts: Mapped[int]
    problem: Mapped[str | None]
    at: Mapped[datetime]
    sent: Mapped[datetime | None]
