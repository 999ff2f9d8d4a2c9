"""Actions: written down as planned with their decision, marked when they are seen done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ledger import inbox
from ledger.tables import ActionRow
from policies.verdicts import Step
from registry.words import Stage

ActionState = Literal["done", "needless", "dropped"]
"""Seen done by us; found done already; given up, since the world or the decision has changed."""


@dataclass(frozen=True)
class Action:
    """One planned step of one decision."""

    id: int
    step: Step


def planned(session: Session, decision_id: int) -> list[Action]:
    """The steps of a decision still to be done, in the policy's order."""
    rows = session.scalars(
        select(ActionRow)
        .where(ActionRow.decision_id == decision_id, ActionRow.state == "planned")
        .order_by(ActionRow.id)
    )
    return [Action(row.id, Step.model_validate_json(row.step)) for row in rows]


def unfinished(session: Session, model: str | None = None) -> set[tuple[str, int]]:
    """The versions, of one model or of all, of which something is still planned."""
    query = select(ActionRow.model, ActionRow.version).where(ActionRow.state == "planned").distinct()
    rows = session.execute(query if model is None else query.where(ActionRow.model == model))
    return {(name, version) for name, version in rows}


def mark(session: Session, action: Action, state: ActionState, *, note: str, now: datetime) -> None:
    """Close an action, with one sentence on what was found or done."""
    row = session.get_one(ActionRow, action.id)
    row.state, row.note, row.done = state, note, now


def drop_planned(session: Session, model: str, version: int, *, note: str, now: datetime) -> None:
    """Give up what earlier decisions on this version still planned."""
    session.execute(
        update(ActionRow)
        .where(ActionRow.model == model, ActionRow.version == version, ActionRow.state == "planned")
        .values(state="dropped", note=note, done=now)
    )


def moved_by_us(session: Session, model: str, version: int, stage: Stage) -> bool:
    """Whether a move of ours explains that this version now stands in this stage.

    Moves of one version are told in the order in which they were made, however late: each of ours explains
    one change, and none that is told after a later one of ours, or after a later one of somebody's. So
    whoever repeats by hand what we did before is somebody else.
    """
    untold = _moves(session, model, version)
    for told in inbox.moves(session, model, version):
        if told.ignored != inbox.OWN_WRITE:
            untold = [(planned, target) for planned, target in untold if planned > told.happened]
            continue
        targets = [target for _, target in untold]
        if told.event.to_stage in targets:
            del untold[: targets.index(told.event.to_stage) + 1]
    return any(target is stage for _, target in untold)


def alias_set_by_us(session: Session, model: str, version: int, alias: str) -> bool:
    """Whether an action of ours points this alias at this version."""
    steps = [(row.version, Step.model_validate_json(row.step)) for row in _ours(session, model)]
    return any(of == version and step.kind == "alias" and step.target == alias for of, step in steps)


def _moves(session: Session, model: str, version: int) -> list[tuple[datetime, Stage]]:
    """Whereto our moves led this version, in their order; archiving the others is part of a promotion."""
    moves = []
    for row in _ours(session, model):
        step = Step.model_validate_json(row.step)
        if step.kind == "transition" and row.version == version:
            moves.append((row.planned, Stage.parse(step.target)))
        elif step.kind == "transition" and step.archive_existing:
            moves.append((row.planned, Stage.ARCHIVED))
    return moves


def _ours(session: Session, model: str) -> Sequence[ActionRow]:
    """What was found done may have been done by a worker that was killed before it could say so."""
    states = ("planned", "done", "needless")
    query = select(ActionRow).where(ActionRow.model == model, ActionRow.state.in_(states))
    return session.scalars(query.order_by(ActionRow.id)).all()
