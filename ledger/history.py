"""The timeline: everything that is on record for a model or a version, in the order it happened."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.retraining_tables import RetrainingRow
from ledger.tables import ActionRow, ApprovalRow, DecisionRow, EventRow, HoldRow, MessageRow
from policies.verdicts import Approval, Decision, Evaluation, Step, Transition
from registry.events import EventKind, RegistryEvent

Kind = Literal["event", "verdict", "decision", "approval", "action", "message", "hold", "training"]


@dataclass(frozen=True)
class Entry:
    """One line of the timeline."""

    at: datetime
    kind: Kind
    model: str
    version: int | None
    sentence: str
    outcome: str = ""


Row = TypeVar("Row", EventRow, DecisionRow, ApprovalRow, ActionRow, MessageRow)


def timeline(
    session: Session, model: str, version: int | None = None, *, newest: int | None = None
) -> list[Entry]:
    """All entries of a model, or of one version, oldest first; or the newest so many of them."""

    def rows(table: type[Row]) -> list[Row]:
        query = select(table).where(table.model == model).order_by(table.id.desc()).limit(newest)
        if version is not None:
            query = query.where(table.version == version)
        return list(session.scalars(query))[::-1]

    entries = [
        *map(of_event, rows(EventRow)),
        *_decisions(rows(DecisionRow)),
        *map(of_approval, rows(ApprovalRow)),
        *map(of_action, rows(ActionRow)),
        *map(of_message, filter(_is_told, rows(MessageRow))),
        *_holds(session, model, newest),
        *(_trainings(session, model, newest) if version is None else ()),
    ]
    ordered = sorted(entries, key=lambda entry: entry.at)
    return ordered if newest is None else ordered[-newest:]


def _holds(session: Session, model: str, newest: int | None) -> Iterator[Entry]:
    """Also those of all models: this one was held by them."""
    of = (HoldRow.model == model) | HoldRow.model.is_(None)
    query = select(HoldRow).where(of).order_by(HoldRow.id.desc()).limit(newest)
    return map(of_hold, session.scalars(query))


def _trainings(session: Session, model: str, newest: int | None) -> Iterator[Entry]:
    of = RetrainingRow.model == model
    query = select(RetrainingRow).where(of).order_by(RetrainingRow.id.desc()).limit(newest)
    return map(of_training, session.scalars(query))


def of_event(row: EventRow) -> Entry:
    """What happened, and why nothing followed if nothing did."""
    event = RegistryEvent.model_validate_json(row.event)
    sentence = f"{describe(event)} (told by {row.origin})"
    if row.ignored:
        sentence += f"; ignored: {row.ignored}"
    return Entry(row.at, "event", row.model, row.version, sentence, "ignored" if row.ignored else "")


def _decisions(rows: Iterable[DecisionRow]) -> Iterator[Entry]:
    """A decision with its verdicts; one that only a vote has changed does not repeat them."""
    told: dict[int, Evaluation] = {}
    for row in rows:
        evaluation = Evaluation.model_validate_json(row.evaluation)
        news = () if told.get(row.version) == evaluation else evaluation.verdicts
        told[row.version] = evaluation
        for verdict in news:
            yield Entry(
                row.at,
                "verdict",
                row.model,
                row.version,
                f"{verdict.gate}: {verdict.sentence}",
                verdict.outcome,
            )
        yield of_decision(row, evaluation.transition)


def of_decision(row: DecisionRow, transition: Transition) -> Entry:
    """What was decided, and why."""
    decision = Decision.model_validate_json(row.decision)
    why = "; ".join(decision.reasons)
    return Entry(row.at, "decision", row.model, row.version, f"{transition}: {why}", decision.answer)


def of_approval(row: ApprovalRow) -> Entry:
    """Who said what."""
    approval = Approval.model_validate_json(row.approval)
    said = f"{approval.reviewer}: {approval.comment}" if approval.comment else approval.reviewer
    return Entry(row.at, "approval", row.model, row.version, said, approval.vote)


def of_action(row: ActionRow) -> Entry:
    """What was done, or is to be done."""
    step = Step.model_validate_json(row.step)
    sentence = row.note or f"{step.kind} {step.target} is planned"
    return Entry(row.done or row.planned, "action", row.model, row.version, sentence, row.state)


def _is_told(row: MessageRow) -> bool:
    """Not what a card is redrawn from, or its picture: nobody is told that."""
    told = json.loads(row.message)
    return not told.get("quiet") or bool(told.get("event"))


def of_message(row: MessageRow) -> Entry:
    """Who was told what."""
    told = json.loads(row.message)
    sentence = f"to {told['channel']} by {row.via}: {told['title']}"
    return Entry(row.at, "message", row.model, row.version, sentence, row.state)


def of_hold(row: HoldRow) -> Entry:
    """Who stopped the moves of a model or of all, or let them go on, and why."""
    of = row.model or "all models"
    return Entry(row.at, "hold", of, None, f"{row.by}: {row.reason}", row.verb)


def of_training(row: RetrainingRow) -> Entry:
    """Why trainers were asked for a new candidate, and what came of it."""
    came = f"; {row.note}" if row.note else ""
    sentence = f"a new candidate is asked for, since {row.why}{came}"
    return Entry(row.asked, "training", row.model, None, sentence, row.state)


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
