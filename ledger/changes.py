"""What has changed since a place in the ledger: of which models, asked in a few small questions.

Facts are appended, so the last id of each table is a place that any process can go on from. What is open
(work, reports that are made) changes in place, and is compared as a whole: it is little.
"""

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.reports import WAITING
from ledger.tables import (
    ActionRow,
    ApprovalRow,
    DecisionRow,
    EventRow,
    HoldRow,
    MessageRow,
    ReportRow,
    WorkRow,
)

Place = dict[str, int]
Open = frozenset[tuple[str, str, int, bool, str]]
"""What is open: kind, model, version, whether somebody is at it, and what is wrong."""

_TABLES: dict[str, Any] = {
    "event": EventRow,
    "decision": DecisionRow,
    "approval": ApprovalRow,
    "action": ActionRow,
    "message": MessageRow,
    "hold": HoldRow,
}
_WRITTEN = re.compile(r"([a-z]+)([0-9]{1,18})")


def place(session: Session) -> Place:
    """Where the ledger ends now."""
    ends = [select(func.max(table.id)).scalar_subquery() for table in _TABLES.values()]
    found = session.execute(select(*ends)).one()
    return {name: last or 0 for name, last in zip(_TABLES, found, strict=True)}


def models_since(session: Session, before: Place, now: Place) -> set[str | None]:
    """The models of which anything was appended between two places; None: it is of all of them."""
    moved = [name for name in _TABLES if now[name] > before.get(name, now[name])]
    found = [
        session.scalars(select(_TABLES[name].model).distinct().where(_TABLES[name].id > before[name]))
        for name in moved
    ]
    return {model for models in found for model in models}


def still_open(session: Session) -> Open:
    """The looks and reports that are under way, or wait."""
    looks = session.execute(select(WorkRow.model, WorkRow.version, WorkRow.leased_until, WorkRow.problem))
    made = session.execute(
        select(ReportRow.model, ReportRow.version, ReportRow.page.is_not(None)).where(
            ReportRow.state == WAITING
        )
    )
    return frozenset(
        [("look", name, version, leased is not None, wrong or "") for name, version, leased, wrong in looks]
        + [("report", name, version, bool(done), "") for name, version, done in made]
    )


def models_of(opened: Iterable[tuple[str, str, int, bool, str]]) -> set[str]:
    """The models that these are of."""
    return {model for _, model, *_ in opened}


def written(at: Place) -> str:
    """A place as text, for an address or an event's id."""
    return ".".join(f"{name}{last}" for name, last in at.items())


def read(text: str) -> Place:
    """A place from text; what is none is passed over."""
    return {name: int(last) for name, last in _WRITTEN.findall(text) if name in _TABLES}
