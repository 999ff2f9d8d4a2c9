"""What is so at a quiet time: the registry, the ledger, MLflow's own record of moves, what went over the wire."""

import json
from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import create_engine, select

from ledger import sightings
from ledger.engine import reading
from ledger.tables import (
    ActionRow,
    ApprovalRow,
    DecisionRow,
    DeliveryRow,
    EventRow,
    EvidenceRow,
    HoldRow,
    LockRow,
    MessageRow,
    WorkRow,
)
from notifications.message import Message
from notifications.slack_blocks import blocks, fallback
from policies.book import PolicyBook
from registry.server_plugin.outbox import table as outbox
from registry.words import ModelVersion


@dataclass
class Wire:
    """What the network and Slack's twin saw; ids as the ledger keeps them."""

    taken: set = field(default_factory=set)
    refused: dict = field(default_factory=dict)
    forged: set = field(default_factory=set)
    fooled: dict = field(default_factory=dict)
    heard: Counter = field(default_factory=Counter)


@dataclass
class Facts:
    """Rows are the ledger's own, oldest first; `changes` are the plug-in's, as MLflow committed them.

    `taken`, `doubtful` and `held` are what people were answered, see `sayings`.
    """

    book: PolicyBook
    versions: list[ModelVersion] = field(default_factory=list)
    changes: list = field(default_factory=list)
    moves: Counter = field(default_factory=Counter)
    wire: Wire = field(default_factory=Wire)
    deliveries: list = field(default_factory=list)
    events: list = field(default_factory=list)
    decisions: list = field(default_factory=list)
    evidence: dict = field(default_factory=dict)
    approvals: list = field(default_factory=list)
    holds: list = field(default_factory=list)
    taken: Counter = field(default_factory=Counter)
    doubtful: Counter = field(default_factory=Counter)
    held: dict = field(default_factory=dict)
    actions: list = field(default_factory=list)
    messages: list = field(default_factory=list)
    work: list = field(default_factory=list)
    locks: list = field(default_factory=list)
    sightings: dict = field(default_factory=dict)


def read_facts(ledger, registry, mlflow_url, book):
    """All but the moves by hand and the wire, which their makers know."""
    facts = read_ledger(ledger, book)
    facts.versions = list(registry.everything())
    facts.changes = read_changes(mlflow_url)
    return facts


def read_ledger(ledger, book):
    """One view of all its tables."""
    with reading(ledger) as session:

        def rows(row):
            return list(session.scalars(select(row).order_by(*row.__table__.primary_key)))

        return Facts(
            book=book,
            deliveries=[delivery.id for delivery in rows(DeliveryRow)],
            events=rows(EventRow), decisions=rows(DecisionRow), approvals=rows(ApprovalRow),
            holds=rows(HoldRow),
            evidence={row.digest: row.evidence for row in rows(EvidenceRow)},
            actions=rows(ActionRow), messages=rows(MessageRow), work=rows(WorkRow), locks=rows(LockRow),
            sightings=sightings.everything(session),
        )  # fmt: skip


def read_changes(mlflow_url):
    """Every stage change that MLflow committed, in its order."""
    engine = create_engine(mlflow_url)
    try:
        with engine.connect() as connection:
            return list(connection.execute(select(outbox).order_by(outbox.c.seq)))
    finally:
        engine.dispose()


def as_heard(message_json):
    """A message's exact JSON as Slack's twin hears it."""
    message = Message.model_validate_json(message_json)
    told = {"text": fallback(message), "blocks": blocks(message), "unfurl_links": False}
    return json.dumps(json.loads(json.dumps(told)), sort_keys=True)
