"""What was live when: from the moves on record, each with what made it."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.tables import ActionRow, DecisionRow, EventRow
from policies.verdicts import Step
from registry.aliased import CHAMPION
from registry.events import EventKind, RegistryEvent
from registry.words import Stage, Value

MOVES, ACTIONS, REIGNS = 600, 200, 50
"""The newest of each are read, and shown: years ago is the audit's matter."""
LATE = timedelta(minutes=5)
"""So long after our move its echo may come and still be ours."""


class Way(StrEnum):
    """How a version came into service."""

    PROMOTED = "promoted"
    PUT_BACK = "put back"
    """It had been there before: a rollback, or a bypass undone."""
    MOVED = "moved around the gate"


class Reign(Value):
    """A version in service; without an end it is there now."""

    version: int
    since: datetime
    until: datetime | None
    way: Way
    who: str = ""
    """Whoever moved it, where that was told."""


@dataclass(frozen=True)
class Move:
    """A version came into service, or left it."""

    at: datetime
    version: int
    enters: bool
    others_leave: bool = False
    who: str = ""


@dataclass(frozen=True)
class OwnMove:
    """A promotion of ours; `back` where it came from below."""

    version: int
    planned: datetime
    done: datetime | None
    back: bool


def reigns(session: Session, model: str, live: Collection[int]) -> tuple[Reign, ...]:
    """The newest reigns, oldest first; `live` are the versions that are in service now."""
    return chain(_told(session, model), _ours(session, model), live)[-REIGNS:]


def chain(told: Iterable[Move], ours: Sequence[OwnMove], live: Collection[int]) -> tuple[Reign, ...]:
    """Moves in the order in which they happened, as reigns. Pure."""
    began: dict[int, Move] = {}
    ended: list[Reign] = []
    for move in sorted(told, key=lambda move: move.at):
        leaving = [v for v in began if v != move.version] if move.others_leave else []
        leaving += [] if move.enters or move.version not in began else [move.version]
        ended += [_reign(began.pop(version), move.at, ours) for version in leaving]
        if move.enters:
            began.setdefault(move.version, move)
    for version in [version for version in began if version not in live]:
        # Nobody told when it left: it was there no longer than until the next one came.
        gone = began.pop(version)
        later = [each.at for each in began.values() if each.at > gone.at]
        ended.append(_reign(gone, min(later, default=gone.at), ours))
    lasting = [_reign(move, None, ours) for move in began.values()]
    return tuple(sorted([*ended, *lasting], key=lambda reign: reign.since))


def _reign(move: Move, until: datetime | None, ours: Sequence[OwnMove]) -> Reign:
    made = [own for own in ours if own.version == move.version and _explains(own, move)]
    way = Way.MOVED if not made else Way.PUT_BACK if made[-1].back else Way.PROMOTED
    return Reign(version=move.version, since=move.at, until=until, way=way, who=move.who if not made else "")


def _explains(own: OwnMove, move: Move) -> bool:
    return own.planned - LATE <= move.at <= (own.done or move.at) + LATE


def _told(session: Session, model: str) -> list[Move]:
    """By stages; by the alias of the champion where no stage was ever told of."""
    kinds = (EventKind.STAGE_CHANGED.value, EventKind.ALIAS_SET.value, EventKind.ALIAS_DELETED.value)
    rows = session.execute(
        select(EventRow.event, EventRow.at)
        .where(EventRow.model == model, EventRow.kind.in_(kinds))
        .order_by(EventRow.id.desc())
        .limit(MOVES)
    )
    told = [(RegistryEvent.model_validate_json(text), at) for text, at in rows]
    by_stage = [_of_stage(event, at) for event, at in told if event.to_stage and event.version]
    if any(move.enters for move in by_stage):
        return by_stage
    return [_of_alias(event, at) for event, at in told if event.detail.get("alias") == CHAMPION]


def _of_stage(event: RegistryEvent, at: datetime) -> Move:
    when = min(event.at or at, at)
    actor = event.detail.get("actor", "")
    return Move(when, event.version or 0, enters=event.to_stage is Stage.PRODUCTION, who=actor)


def _of_alias(event: RegistryEvent, at: datetime) -> Move:
    enters = event.kind is EventKind.ALIAS_SET
    when = min(event.at or at, at)
    return Move(when, event.version or 0, enters=enters, others_leave=True, who=event.detail.get("actor", ""))


def _ours(session: Session, model: str) -> list[OwnMove]:
    rows = session.execute(
        select(ActionRow, DecisionRow.evaluation)
        .join(DecisionRow, DecisionRow.id == ActionRow.decision_id)
        .where(ActionRow.model == model, ActionRow.state.in_(("done", "needless")))
        .order_by(ActionRow.id.desc())
        .limit(ACTIONS)
    ).all()
    found = []
    for row, text in reversed(rows):
        step = Step.model_validate_json(row.step)
        if step.kind != "notify" and step.target.casefold() in {"production", CHAMPION}:
            back = json.loads(text)["transition"]["from_stage"] == Stage.ARCHIVED
            found.append(OwnMove(row.version, row.planned, row.done, back=back))
    return found
