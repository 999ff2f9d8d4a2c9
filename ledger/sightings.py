"""The registry as it was last seen: what the sweep compares with to find what no event told of."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import case, delete, func, select
from sqlalchemy.orm import Session

from ledger.tables import SightingRow, WatermarkRow
from ledger.upsert import dialect_of, insert
from registry.aliased import CANDIDATE, CHAMPION
from registry.events import RegistryEvent
from registry.words import Stage

SOURCE = "mlflow"
FULL = "mlflow, all of it"
"""The row whose time says when everything may be read again."""
SEEING_FIRST = 20261124
"""The advisory lock of whoever sees a version that nobody has seen: there is no row yet to be held."""


def watermark(session: Session) -> datetime | None:
    """The latest change read so far, by the registry's clock; None before the first sweep."""
    row = session.get(WatermarkRow, SOURCE)
    return None if row is None else row.read_to


def advance(session: Session, read_to: datetime) -> None:
    """The registry was read up to this change."""
    _mark(session, SOURCE, read_to)


def take_turn(session: Session, now: datetime, *, until: datetime) -> bool:
    """The right to read everything, until then; False while another has it or everything was read lately."""
    row = insert(session, WatermarkRow).values(source=FULL, read_to=until)
    taken = row.on_conflict_do_update(
        index_elements=["source"], set_={"read_to": row.excluded.read_to}, where=WatermarkRow.read_to <= now
    )
    return session.scalar(taken.returning(WatermarkRow.source)) is not None


def end_turn(session: Session, *, until: datetime) -> None:
    """Nobody need read everything before then."""
    _mark(session, FULL, until)


def _mark(session: Session, source: str, at: datetime) -> None:
    row = insert(session, WatermarkRow).values(source=source, read_to=at)
    session.execute(
        row.on_conflict_do_update(index_elements=["source"], set_={"read_to": row.excluded.read_to})
    )


def stage_of(session: Session, model: str, version: int) -> Stage | None:
    """The stage this version was last seen in; None if it was never seen."""
    row = session.get(SightingRow, (model, version))
    return None if row is None else Stage(row.stage)


@dataclass(frozen=True)
class Sighting:
    """A version as it was last seen; `tags` and `aliases` are None where they were not looked at."""

    model: str
    version: int
    stage: Stage
    updated: datetime
    tags: dict[str, str] | None = None
    aliases: frozenset[str] | None = None
    seen: datetime | None = None


def see(session: Session, sighting: Sighting) -> None:
    """Remember a version as it is now; what was not looked at stays as it was."""
    aliases = None if sighting.aliases is None else json.dumps(sorted(sighting.aliases))
    row = insert(session, SightingRow).values(
        model=sighting.model,
        version=sighting.version,
        stage=sighting.stage.value,
        updated=sighting.updated,
        tags=None if sighting.tags is None else json.dumps(sighting.tags, sort_keys=True),
        aliases=aliases,
        seen=sighting.seen,
    )
    kept = {name: row.excluded[name] for name in ("stage", "updated", "seen")}
    known = {
        "tags": func.coalesce(row.excluded.tags, SightingRow.tags),
        "aliases": func.coalesce(row.excluded.aliases, SightingRow.aliases),
    }
    session.execute(row.on_conflict_do_update(index_elements=["model", "version"], set_=kept | known))


def forget(session: Session, model: str, version: int) -> None:
    """The version is gone from the registry."""
    session.execute(delete(SightingRow).where(SightingRow.model == model, SightingRow.version == version))


def of_version(session: Session, model: str, version: int) -> Sighting | None:
    """A version as it was last seen."""
    row = session.get(SightingRow, (model, version))
    return None if row is None else _sighting(row)


def held(session: Session, model: str, version: int) -> Sighting | None:
    """The same, and nobody else changes it, or sees it first, before this transaction ends.

    SQLite has one writer at a time. On PostgreSQL a row is held where there is one; where there is none, all
    first sightings wait for each other.
    """
    row = session.get(SightingRow, (model, version), with_for_update=True)
    if row is None and dialect_of(session) == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(SEEING_FIRST)))
        row = session.get(SightingRow, (model, version), with_for_update=True)
    return None if row is None else _sighting(row)


def everything(session: Session) -> dict[tuple[str, int], Sighting]:
    """Every version as it was last seen."""
    return {(row.model, row.version): _sighting(row) for row in session.scalars(select(SightingRow))}


def _sighting(row: SightingRow) -> Sighting:
    return Sighting(
        model=row.model,
        version=row.version,
        stage=Stage(row.stage),
        updated=row.updated,
        tags=None if row.tags is None else json.loads(row.tags),
        aliases=None if row.aliases is None else frozenset(json.loads(row.aliases)),
        seen=row.seen,
    )


def note_stage(session: Session, model: str, version: int, stage: Stage, at: datetime | None) -> None:
    """An event told that a version changed its stage; `at` by the registry's clock, None if it did not say.

    Without it the time of the last sighting stays: another clock would hide later changes.
    """
    row = insert(session, SightingRow).values(
        model=model, version=version, stage=stage.value, updated=at or datetime.fromtimestamp(0, UTC)
    )
    later = case(
        (SightingRow.updated < row.excluded.updated, row.excluded.updated), else_=SightingRow.updated
    )
    changed = {"stage": row.excluded.stage, "updated": later}
    session.execute(row.on_conflict_do_update(index_elements=["model", "version"], set_=changed))


def in_stage(session: Session, model: str, stage: Stage) -> list[int]:
    """The versions of a model last seen in a stage, oldest first."""
    found = select(SightingRow.version).where(SightingRow.model == model, SightingRow.stage == stage.value)
    return list(session.scalars(found.order_by(SightingRow.version)))


def challengers(session: Session, event: RegistryEvent) -> list[int]:
    """Who waits in Staging while another takes Production or leaves it: theirs is another champion now.

    By stages or by aliases; whoever was not seen to wait yet is looked at when it is.
    """
    if Stage.PRODUCTION in {event.from_stage, event.to_stage}:
        waiting = in_stage(session, event.model, Stage.STAGING)
    elif event.detail.get("alias") == CHAMPION:
        waiting = with_alias(session, event.model, CANDIDATE)
    else:
        return []
    return [one for one in waiting if one != event.version]


def with_alias(session: Session, model: str, alias: str) -> list[int]:
    """The versions of a model last seen with an alias, oldest first."""
    held = SightingRow.aliases.contains(json.dumps(alias), autoescape=True)
    found = select(SightingRow.version).where(SightingRow.model == model, held)
    return list(session.scalars(found.order_by(SightingRow.version)))


def all_seen(session: Session, model: str | None = None) -> list[tuple[str, int, Stage]]:
    """Every version seen, of one model or of all, newest version first within its model."""
    query = select(SightingRow).order_by(SightingRow.model, SightingRow.version.desc())
    if model is not None:
        query = query.where(SightingRow.model == model)
    return [(row.model, row.version, Stage(row.stage)) for row in session.scalars(query)]
