"""The timeline: everything that is on record for a model or a version, in the order it happened."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.tables import ActionRow, ApprovalRow, DecisionRow, EventRow, MessageRow
from policies.verdicts import Approval, Decision, Evaluation, Step
from registry.events import EventKind, RegistryEvent

Kind = Literal["event", "verdict", "decision", "approval", "action", "message"]


@dataclass(frozen=True)
class Entry:
    """One line of the timeline."""

    at: datetime
    kind: Kind
    model: str
    version: int | None
    sentence: str
    outcome: str = ""


def timeline(session: Session, model: str, version: int | None = None) -> list[Entry]:
    """All entries of a model, or of one version, oldest first."""
    parts = (_events, _decisions, _approvals, _actions, _messages)
    entries = [entry for part in parts for entry in part(session, model)]
    chosen = [entry for entry in entries if version is None or entry.version == version]
    return sorted(chosen, key=lambda entry: entry.at)


def _events(session: Session, model: str) -> Iterator[Entry]:
    for row in session.scalars(select(EventRow).where(EventRow.model == model)):
        event = RegistryEvent.model_validate_json(row.event)
        sentence = f"{describe(event)} (told by {row.origin})"
        if row.ignored:
            sentence += f"; ignored: {row.ignored}"
        yield Entry(row.at, "event", model, row.version, sentence, "ignored" if row.ignored else "")


def _decisions(session: Session, model: str) -> Iterator[Entry]:
    """A decision with its verdicts; one that only a vote has changed does not repeat them."""
    told: dict[int, Evaluation] = {}
    rows = select(DecisionRow).where(DecisionRow.model == model).order_by(DecisionRow.id)
    for row in session.scalars(rows):
        evaluation = Evaluation.model_validate_json(row.evaluation)
        decision = Decision.model_validate_json(row.decision)
        news = () if told.get(row.version) == evaluation else evaluation.verdicts
        told[row.version] = evaluation
        for verdict in news:
            yield Entry(
                row.at, "verdict", model, row.version, f"{verdict.gate}: {verdict.sentence}", verdict.outcome
            )
        why = "; ".join(decision.reasons)
        yield Entry(
            row.at, "decision", model, row.version, f"{evaluation.transition}: {why}", decision.answer
        )


def _approvals(session: Session, model: str) -> Iterator[Entry]:
    for row in session.scalars(select(ApprovalRow).where(ApprovalRow.model == model)):
        approval = Approval.model_validate_json(row.approval)
        said = f"{approval.reviewer}: {approval.comment}" if approval.comment else approval.reviewer
        yield Entry(row.at, "approval", model, row.version, said, approval.vote)


def _actions(session: Session, model: str) -> Iterator[Entry]:
    for row in session.scalars(select(ActionRow).where(ActionRow.model == model)):
        step = Step.model_validate_json(row.step)
        sentence = row.note or f"{step.kind} {step.target} is planned"
        yield Entry(row.done or row.planned, "action", model, row.version, sentence, row.state)


def _messages(session: Session, model: str) -> Iterator[Entry]:
    for row in session.scalars(select(MessageRow).where(MessageRow.model == model)):
        told = json.loads(row.message)
        if told.get("quiet") and not told.get("event"):
            continue
        yield Entry(
            row.at,
            "message",
            model,
            row.version,
            f"to {told['channel']} by {row.via}: {told['title']}",
            row.state,
        )


def describe(event: RegistryEvent) -> str:
    """An event in words."""
    by = f" by {event.detail['actor']}" if "actor" in event.detail else ""
    match event.kind:
        case EventKind.STAGE_CHANGED:
            came_from = f" from {event.from_stage}" if event.from_stage else ""
            return f"moved{came_from} to {event.to_stage}{by}"
        case EventKind.STAGE_RETOLD:
            return f"told again that it was moved to {event.to_stage}{by}"
        case EventKind.TRANSITION_REQUESTED:
            said = f": {event.detail['text']}" if "text" in event.detail else ""
            return f"asked to be moved{f' to {event.to_stage}' if event.to_stage else ''}{said}"
        case EventKind.TAG_SET | EventKind.TAG_DELETED | EventKind.ALIAS_SET | EventKind.ALIAS_DELETED:
            return f"{event.kind.value}: {event.detail.get('key') or event.detail.get('alias', '')}"
        case EventKind.FOREIGN:
            return event.detail.get("sender", "foreign")
        case _:
            return f"{event.kind.value}{by}"
