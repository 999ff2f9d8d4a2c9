"""Holds: nothing is moved while one is in force, of one model or of all. Each is appended, as is its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.tables import HoldRow


@dataclass(frozen=True)
class Hold:
    """A hold, or the end of one; `model` is None where it is of all models."""

    id: int
    model: str | None
    verb: Literal["hold", "resume"]
    by: str
    route: str
    account: str
    reason: str
    at: datetime

    def __str__(self) -> str:
        """As it is said of a model that is held."""
        whole = "" if self.model is not None else ", as all models are"
        return f"held by {self.by} since {self.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC{whole}: {self.reason}"


def add(session: Session, hold: Hold) -> Hold:
    """Append it; the number it is given here comes back."""
    row = HoldRow(**(vars(hold) | {"id": None}))
    session.add(row)
    session.flush()
    return read(row)


def in_force(session: Session, model: str) -> Hold | None:
    """The hold that a model is under: its own, else that of all."""
    held = {hold.model: hold for hold in all_in_force(session, model)}
    return held.get(model) or held.get(None)


def all_in_force(session: Session, model: str | None = None) -> list[Hold]:
    """Every hold in force, or those that a model is under, oldest first."""
    newest = select(func.max(HoldRow.id)).group_by(HoldRow.model)
    query = select(HoldRow).where(HoldRow.id.in_(newest), HoldRow.verb == "hold").order_by(HoldRow.id)
    if model is not None:
        query = query.where((HoldRow.model == model) | HoldRow.model.is_(None))
    return [read(row) for row in session.scalars(query)]


def untold(session: Session) -> Sequence[HoldRow]:
    """Those that nobody has been told of yet, oldest first."""
    return session.scalars(select(HoldRow).where(HoldRow.told.is_(None)).order_by(HoldRow.id)).all()


def read(row: HoldRow) -> Hold:
    """A row as the value it keeps."""
    verb: Literal["hold", "resume"] = "hold" if row.verb == "hold" else "resume"
    return Hold(row.id, row.model, verb, row.by, row.route, row.account, row.reason, row.at)
