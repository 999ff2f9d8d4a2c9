"""One model: what was live when, its versions, its figures, the policy in force, and what happened."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from console.readings.decided import OPEN, Decided, newest, short
from console.readings.figures import Series, series
from console.readings.reigns import Reign, reigns
from ledger import holds
from ledger.history import Entry, timeline
from ledger.tables import DecisionRow, PolicyRow, SightingRow
from policies.verdicts import Decision
from registry.words import Stage, Value

PAGE = 50
ENTRIES = 40
"""Of the timeline the newest are shown; the audit page has them all."""


class VersionRow(Value):
    """One version; `open` if its decision still keeps it where it stands."""

    number: int
    stage: Stage
    decided: Decided | None
    open: bool


class Model(Value):
    """One registered model; versions are a page of them, newest first."""

    name: str
    versions: tuple[VersionRow, ...]
    count: int
    page: int
    pages: int
    live: tuple[int, ...]
    hold: str | None
    """By whom and why no version is moved now."""
    held_itself: bool
    """Whether the hold is of this model, and not of all."""
    policy: str | None
    """The name of the policy that judged it last."""
    model_tags: dict[str, str] | None
    """Tags that the choice of that policy rested on."""
    reigns: tuple[Reign, ...]
    series: tuple[Series, ...]
    entries: tuple[Entry, ...]

    @property
    def known(self) -> bool:
        """Whether anything is on record."""
        return bool(self.count or self.entries)


def model(session: Session, name: str, *, page: int = 1) -> Model:
    """One model; empty if it was never heard of."""
    count = session.scalar(select(func.count()).where(SightingRow.model == name)) or 0
    pages = max(1, -(-count // PAGE))
    page = min(max(page, 1), pages)
    live = _live(session, name)
    policy, tags = last_policy(session, name)
    held = holds.in_force(session, name)
    return Model(
        name=name,
        versions=_versions(session, name, page),
        count=count,
        page=page,
        pages=pages,
        live=tuple(live),
        hold=str(held) if held else None,
        held_itself=held is not None and held.model == name,
        policy=policy,
        model_tags=tags,
        reigns=reigns(session, name, live),
        series=series(session, name),
        entries=tuple(timeline(session, name, newest=ENTRIES)),
    )


def _live(session: Session, name: str) -> Sequence[int]:
    return session.scalars(
        select(SightingRow.version)
        .where(SightingRow.model == name, SightingRow.stage == Stage.PRODUCTION.value)
        .order_by(SightingRow.version.desc())
    ).all()


def _versions(session: Session, name: str, page: int) -> tuple[VersionRow, ...]:
    rows = session.execute(
        select(SightingRow.version, SightingRow.stage)
        .where(SightingRow.model == name)
        .order_by(SightingRow.version.desc())
        .offset((page - 1) * PAGE)
        .limit(PAGE)
    ).all()
    of_page = (DecisionRow.model == name, DecisionRow.version.in_([number for number, _ in rows]))
    decided = {
        row.version: short(row) for row in session.scalars(select(DecisionRow).where(newest(*of_page)))
    }
    return tuple(_row(number, Stage(stage), decided.get(number)) for number, stage in rows)


def _row(number: int, stage: Stage, decided: Decided | None) -> VersionRow:
    waits = decided is not None and decided.answer in OPEN and decided.transition.from_stage is stage
    return VersionRow(number=number, stage=stage, decided=decided, open=waits)


def last_policy(session: Session, name: str) -> tuple[str | None, dict[str, str] | None]:
    """The name of the policy that judged a model last, and the model's tags that its choice rested on."""
    row = session.execute(
        select(PolicyRow.name, DecisionRow.decision)
        .join(PolicyRow, DecisionRow.policy_digest == PolicyRow.digest)
        .where(DecisionRow.model == name)
        .order_by(DecisionRow.id.desc())
        .limit(1)
    ).first()
    return (None, None) if row is None else (row[0], Decision.model_validate_json(row[1]).model_tags)
