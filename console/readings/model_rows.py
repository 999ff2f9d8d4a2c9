"""The rows of the overview: of each model on a page what is live, in Staging, waiting, and decided last."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from console.readings.decided import Decided, short
from console.readings.known_models import KnownModel
from ledger.tables import DecisionRow, EventRow, SightingRow
from registry.events import EventKind
from registry.words import Stage, Value

SHOWN = 6
"""Of the versions in one stage the newest are named, the others counted."""


class Live(Value):
    """A version in Production, and since when, where its move is on record."""

    version: int
    since: datetime | None = None


class ModelRow(Value):
    """One registered model."""

    name: str
    versions: int
    live: tuple[Live, ...] = ()
    """More than one where somebody moved around the gate."""
    staging: tuple[int, ...] = ()
    """The newest of them."""
    in_staging: int = 0
    waiting: tuple[Decided, ...] = ()
    """Oldest first."""
    last: Decided | None = None
    """The newest decision on any version."""
    hold: str | None = None
    """By whom and why nothing of it is moved."""
    trouble: str | None = None
    """Why a version could not be judged at the last look."""


def rows_of(session: Session, chosen: Sequence[KnownModel]) -> tuple[ModelRow, ...]:
    """A row for each, in their order."""
    names = [known.name for known in chosen]
    live, staging = _in_stage(session, names, Stage.PRODUCTION), _in_stage(session, names, Stage.STAGING)
    since, last = _since(session, live), _last(session, names)
    return tuple(
        ModelRow(
            name=known.name,
            versions=known.versions,
            live=tuple(Live(version=v, since=since.get((known.name, v))) for v in live.get(known.name, ())),
            staging=tuple(staging.get(known.name, ())[:SHOWN]),
            in_staging=known.staging,
            waiting=known.waiting,
            last=last.get(known.name),
            hold=known.hold,
            trouble=known.trouble,
        )
        for known in chosen
    )


def _in_stage(session: Session, names: Iterable[str], stage: Stage) -> dict[str, list[int]]:
    """The versions of these models in a stage, newest first."""
    rows = session.execute(
        select(SightingRow.model, SightingRow.version)
        .where(SightingRow.model.in_(names), SightingRow.stage == stage.value)
        .order_by(SightingRow.model, SightingRow.version.desc())
    )
    return {name: [version for _, version in of] for name, of in groupby(rows, key=lambda row: row[0])}


def _since(session: Session, live: Mapping[str, Sequence[int]]) -> dict[tuple[str, int], datetime]:
    """When each was last told to have moved."""
    versions = [(name, version) for name, numbers in live.items() for version in numbers]
    rows = session.execute(
        select(EventRow.model, EventRow.version, func.max(EventRow.at))
        .where(
            tuple_(EventRow.model, EventRow.version).in_(versions),
            EventRow.kind == EventKind.STAGE_CHANGED.value,
        )
        .group_by(EventRow.model, EventRow.version)
    )
    return {(name, version): at for name, version, at in rows if version is not None}


def _last(session: Session, names: Iterable[str]) -> dict[str, Decided]:
    ids = select(func.max(DecisionRow.id)).where(DecisionRow.model.in_(names)).group_by(DecisionRow.model)
    rows = session.scalars(select(DecisionRow).where(DecisionRow.id.in_(ids)))
    return {row.model: short(row) for row in rows}
