"""Every registered model in short: what the overview filters, searches and orders by."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from console.readings.decided import Decided, waiting
from ledger.holds import all_in_force
from ledger.tables import SightingRow, WorkRow
from policies.verdicts import Answer
from registry.words import Stage, Value


class KnownModel(Value):
    """How many versions it has, and where; what waits, oldest first; by whom it is held; what is amiss."""

    name: str
    versions: int
    live: int
    staging: int
    waiting: tuple[Decided, ...]
    hold: str | None
    trouble: str | None

    @property
    def asked(self) -> list[Decided]:
        """What waits for people."""
        return [one for one in self.waiting if one.answer is Answer.ASK]

    @property
    def rank(self) -> tuple[int, float, str]:
        """Who waits for people comes first, the longest first; then what is held; then by name."""
        first = min((one.since.timestamp() for one in self.asked or self.waiting), default=0.0)
        return (0 if self.asked else 1 if self.waiting else 2, first, self.name.casefold())


def known_models(session: Session) -> list[KnownModel]:
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
        KnownModel(
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
