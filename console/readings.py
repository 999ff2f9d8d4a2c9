"""What the pages ask of the ledger: models with their versions and decisions in force, and messages."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.judgements import Judgement, in_force, latest
from ledger.sightings import all_seen, stage_of
from ledger.tables import MessageRow, WorkRow
from ledger.uses import uses
from notifications.message import Message
from policies.verdicts import Answer
from policies.wear import warnings
from registry.words import Stage


@dataclass(frozen=True)
class SeenVersion:
    """A version as the ledger last saw it, with the decision in force."""

    number: int
    stage: Stage
    judgement: Judgement | None
    warnings: tuple[str, ...] = ()
    """What is to be said beside its verdicts."""

    @property
    def open(self) -> Judgement | None:
        """The decision that still keeps it where it is: people are asked, or something is waited for."""
        judged = self.judgement
        if judged is None or judged.decision.answer not in {Answer.ASK, Answer.HOLD}:
            return None
        return judged if judged.evaluation.transition.from_stage is self.stage else None


@dataclass(frozen=True)
class SeenModel:
    """A registered model; versions newest first."""

    name: str
    versions: tuple[SeenVersion, ...]

    @property
    def production(self) -> list[int]:
        """More than one where somebody moved around the gate."""
        return [v.number for v in self.versions if v.stage is Stage.PRODUCTION]

    @property
    def staging(self) -> list[int]:
        """The versions in Staging, newest first."""
        return [v.number for v in self.versions if v.stage is Stage.STAGING]

    @property
    def waiting(self) -> list[SeenVersion]:
        """The versions that a decision keeps waiting."""
        return [v for v in self.versions if v.open]

    @property
    def last(self) -> Judgement | None:
        """The newest decision on any version."""
        judged = [v.judgement for v in self.versions if v.judgement]
        return max(judged, key=lambda j: j.id, default=None)


@dataclass(frozen=True)
class Look:
    """A version that is looked at, or is to be; `problem` is what the last try ended with."""

    under_way: bool
    problem: str | None


@dataclass(frozen=True)
class Carried:
    """What became of a message on one channel, by the channel's own name."""

    via: str
    state: str
    problem: str | None


@dataclass(frozen=True)
class Told:
    """One message, and what became of it on every channel that carries it."""

    id: int
    message: Message
    at: datetime
    carried: tuple[Carried, ...]

    @property
    def undelivered(self) -> list[Carried]:
        """Where it is still on its way, or was given up."""
        return [way for way in self.carried if way.state != "sent"]


def models(session: Session) -> list[SeenModel]:
    """Every model seen, by name."""
    judged = in_force(session)
    by_name = groupby(all_seen(session), key=lambda seen: seen[0])
    return [SeenModel(name, _versions(seen, judged)) for name, seen in by_name]


def model(session: Session, name: str) -> SeenModel:
    """One model; without versions if it was never seen."""
    return SeenModel(name, _versions(all_seen(session, name), in_force(session, name)))


def version(session: Session, name: str, number: int) -> SeenVersion | None:
    """One version; None if it was never seen."""
    stage = stage_of(session, name, number)
    judged = latest(session, name, number)
    warned = warnings(uses(session, name).get((name, number), ()))
    return None if stage is None else SeenVersion(number, stage, judged, warned)


def open_look(session: Session, name: str, number: int) -> Look | None:
    """The look that this version waits for, if any."""
    row = session.scalar(select(WorkRow).where(WorkRow.model == name, WorkRow.version == number))
    return None if row is None else Look(row.leased_until is not None, row.problem)


def messages(session: Session, *, limit: int, before: int | None = None) -> list[Told]:
    """Messages, newest first; `before` is the id of the last one already shown."""
    first = func.min(MessageRow.id)
    newest = select(MessageRow.key).group_by(MessageRow.key).order_by(first.desc()).limit(limit)
    if before is not None:
        newest = newest.having(first < before)
    rows = session.scalars(select(MessageRow).where(MessageRow.key.in_(newest)).order_by(MessageRow.id))
    by_key: dict[str, list[MessageRow]] = {}
    for row in rows:
        by_key.setdefault(row.key, []).append(row)
    return [_told(carried) for carried in reversed(by_key.values())]


def _told(rows: list[MessageRow]) -> Told:
    carried = tuple(Carried(row.via, row.state, row.problem) for row in rows)
    return Told(rows[0].id, Message.model_validate_json(rows[0].message), rows[0].at, carried)


def _versions(
    seen: Iterable[tuple[str, int, Stage]], judged: dict[tuple[str, int], Judgement]
) -> tuple[SeenVersion, ...]:
    return tuple(SeenVersion(number, stage, judged.get((name, number))) for name, number, stage in seen)
