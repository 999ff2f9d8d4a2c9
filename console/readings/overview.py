"""The overview: every registered model, what is live and in Staging, what waits for whom since when."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from console.readings.decided import Decided, short, waiting
from ledger.holds import all_in_force
from ledger.tables import DecisionRow, EventRow, SightingRow, WorkRow
from policies.verdicts import Answer
from registry.events import EventKind
from registry.words import Stage, Value

PAGE = 50
SHOWN = 6
"""Of the versions in one stage the newest are named, the others counted."""


class Show(StrEnum):
    """Which models are shown."""

    ALL = "all"
    ASKED = "asked"
    HELD = "held"
    LIVE = "live"
    NONE_LIVE = "none-live"
    TROUBLE = "trouble"


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


class Overview(Value):
    """One page of models; `counts` says how many each filter would show."""

    rows: tuple[ModelRow, ...]
    show: Show
    q: str
    counts: dict[Show, int]
    found: int
    page: int
    pages: int


class _Known(Value):
    """What filters and order go by."""

    name: str
    versions: int
    live: int
    staging: int
    waiting: tuple[Decided, ...]
    hold: str | None
    trouble: str | None

    @property
    def asked(self) -> list[Decided]:
        return [one for one in self.waiting if one.answer is Answer.ASK]

    @property
    def rank(self) -> tuple[int, float, str]:
        """Who waits for people comes first, the longest first; then what is held; then by name."""
        first = min((one.since.timestamp() for one in self.asked or self.waiting), default=0.0)
        return (0 if self.asked else 1 if self.waiting else 2, first, self.name.casefold())


FILTERS: dict[Show, Callable[[_Known], bool]] = {
    Show.ALL: lambda _: True,
    Show.ASKED: lambda known: bool(known.asked),
    Show.HELD: lambda known: known.hold is not None or len(known.waiting) > len(known.asked),
    Show.LIVE: lambda known: known.live > 0,
    Show.NONE_LIVE: lambda known: known.live == 0,
    Show.TROUBLE: lambda known: known.trouble is not None or known.live > 1,
}


def overview(session: Session, *, show: Show = Show.ALL, q: str = "", page: int = 1) -> Overview:
    """One page; `q` is looked for in models' names and in the names of those asked."""
    matching = [known for known in _known(session) if _matches(known, q)]
    chosen = sorted(filter(FILTERS[show], matching), key=lambda known: known.rank)
    pages = max(1, -(-len(chosen) // PAGE))
    page = min(max(page, 1), pages)
    return Overview(
        rows=_rows(session, chosen[(page - 1) * PAGE : page * PAGE]),
        show=show,
        q=q,
        counts={one: sum(map(fits, matching)) for one, fits in FILTERS.items()},
        found=len(chosen),
        page=page,
        pages=pages,
    )


def _matches(known: _Known, q: str) -> bool:
    wanted = q.strip().casefold()
    asked = (group for one in known.waiting for group in one.asked)
    return wanted in known.name.casefold() or any(wanted in group.casefold() for group in asked)


def _known(session: Session) -> list[_Known]:
    """Every model that has a version, or has one that could not be judged."""
    stage = SightingRow.stage
    counted = select(
        SightingRow.model,
        func.count(),
        func.count().filter(stage == Stage.PRODUCTION.value),
        func.count().filter(stage == Stage.STAGING.value),
    ).group_by(SightingRow.model)
    seen = {name: counts for name, *counts in session.execute(counted)}
    waits, troubles = waiting(session), _troubles(session)
    held = {hold.model: str(hold) for hold in all_in_force(session)}
    return [
        _Known(
            name=name, versions=count, live=live, staging=staging, waiting=tuple(waits.get(name, ())),
            hold=held.get(name) or held.get(None), trouble=troubles.get(name),
        )
        for name, (count, live, staging) in (dict.fromkeys(troubles, (0, 0, 0)) | seen).items()
    ]  # fmt: skip


def _troubles(session: Session) -> dict[str, str]:
    rows = session.execute(
        select(WorkRow.model, WorkRow.version, WorkRow.problem)
        .where(WorkRow.problem.is_not(None))
        .order_by(WorkRow.id)
    )
    return {name: f"v{version}: {problem}" for name, version, problem in rows}


def _rows(session: Session, chosen: Sequence[_Known]) -> tuple[ModelRow, ...]:
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
