"""The table of requests to trainers."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from ledger.tables import Table

OPEN = text("state = 'open'")


class RetrainingRow(Table):
    """One request for a new candidate of a model: why, how often it was sent, and what came of it.

    Runs are tagged with `request`. `due` is when it is sent again if nobody has taken it up.
    """

    __tablename__ = "retrainings"
    __table_args__ = (
        Index("retrainings_open", "model", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("retrainings_of_model", "model"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    request: Mapped[str] = mapped_column(unique=True)
    model: Mapped[str]
    why: Mapped[str]
    state: Mapped[str]
    note: Mapped[str]
    asked: Mapped[datetime]
    due: Mapped[datetime]
    sent: Mapped[int]
    ended: Mapped[datetime | None]
