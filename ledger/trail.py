"""The trail: every entry of everything, for auditors: a page at a time, newest first, or all in order.

Each kind of entry has a table of its own, written in the order of its ids. A page goes on where each table's
last shown entry stood, so entries that come in meanwhile move nothing.
"""

import heapq
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ledger import history
from ledger.history import Entry, Kind
from ledger.retraining_tables import RetrainingRow
from ledger.tables import ActionRow, ApprovalRow, DecisionRow, EventRow, HoldRow, MessageRow
from policies.verdicts import Evaluation

BATCH = 500


@dataclass(frozen=True)
class Line:
    """One entry; its kind and id name it for good."""

    id: int
    entry: Entry
    policy_digest: str = ""
    evidence_digest: str = ""


@dataclass(frozen=True)
class Chosen:
    """What is asked for; None: of all. `until` itself is left out."""

    model: str | None = None
    version: int | None = None
    kind: Kind | None = None
    since: datetime | None = None
    until: datetime | None = None


def _of_decision(row: DecisionRow) -> Line:
    evaluation = Evaluation.model_validate_json(row.evaluation)
    entry = history.of_decision(row, evaluation.transition)
    return Line(row.id, entry, row.policy_digest, row.evidence_digest)


_TABLES: dict[Kind, tuple[type[Any], Any, Callable[[Any], Line]]] = {
    "event": (EventRow, EventRow.at, lambda row: Line(row.id, history.of_event(row))),
    "decision": (DecisionRow, DecisionRow.at, _of_decision),
    "approval": (ApprovalRow, ApprovalRow.at, lambda row: Line(row.id, history.of_approval(row))),
    "action": (ActionRow, ActionRow.planned, lambda row: Line(row.id, history.of_action(row))),
    "message": (MessageRow, MessageRow.at, lambda row: Line(row.id, history.of_message(row))),
    "hold": (HoldRow, HoldRow.at, lambda row: Line(row.id, history.of_hold(row))),
    "training": (RetrainingRow, RetrainingRow.asked, lambda row: Line(row.id, history.of_training(row))),
}
KINDS: tuple[Kind, ...] = tuple(_TABLES)
_OF_MODELS: tuple[Kind, ...] = ("hold", "training")
"""They are of no one version."""


def newest(
    session: Session, chosen: Chosen, *, below: Mapping[Kind, int], limit: int
) -> tuple[list[Line], dict[Kind, int]]:
    """The newest lines whose ids are below those; and below which the next page goes on, empty at the end."""
    found = {kind: _lines(session, kind, chosen, below.get(kind), limit + 1) for kind in _kinds(chosen)}
    merged = heapq.merge(*found.values(), key=lambda line: line.entry.at, reverse=True)
    lines = list(islice(merged, limit))
    if sum(map(len, found.values())) <= limit:
        return lines, {}
    last = {line.entry.kind: line.id for line in lines}
    return lines, {**below, **last}


def everything(session: Session, chosen: Chosen) -> Iterator[Line]:
    """All lines in the order in which they were written, read as a stream."""
    streams = [_stream(session, kind, chosen) for kind in _kinds(chosen)]
    return heapq.merge(*streams, key=lambda line: line.entry.at)


def _kinds(chosen: Chosen) -> tuple[Kind, ...]:
    return (chosen.kind,) if chosen.kind in _TABLES else KINDS


def _lines(session: Session, kind: Kind, chosen: Chosen, below: int | None, limit: int) -> list[Line]:
    table, _, line_of = _TABLES[kind]
    query = _chosen(kind, chosen).order_by(table.id.desc()).limit(limit)
    if below is not None:
        query = query.where(table.id < below)
    return [line_of(row) for row in session.scalars(query)]


def _stream(session: Session, kind: Kind, chosen: Chosen) -> Iterator[Line]:
    table, _, line_of = _TABLES[kind]
    query = _chosen(kind, chosen).order_by(table.id).execution_options(yield_per=BATCH)
    for row in session.scalars(query):
        yield line_of(row)
        session.expunge(row)


def _chosen(kind: Kind, chosen: Chosen) -> Select[Any]:
    table, at, _ = _TABLES[kind]
    query = select(table)
    if chosen.model is not None:
        query = query.where(table.model == chosen.model)
    if chosen.version is not None and kind not in _OF_MODELS:
        query = query.where(table.version == chosen.version)
    if chosen.since is not None:
        query = query.where(at >= chosen.since)
    return query if chosen.until is None else query.where(at < chosen.until)
