"""Work: which versions are to be looked at, claimed with a lease so that a dead worker's work is found.

The queue only rings; what is to be done stands here. A version rung again while it was looked at stays, and
is looked at again. Outages are waited out for as long as they last; what fails as nobody foresaw is given
up after a few looks, kept, and taken up again by a new ring or by a person.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, Select, Update, case, delete, func, or_, select, update
from sqlalchemy.orm import Session

from ledger.tables import WorkRow
from ledger.upsert import Insert, dialect_of, insert_many_on, many

LEASE = timedelta(seconds=30)
"""A claim that was not renewed for so long belongs to a dead worker: anyone may take it over."""
RETRY_MAX = timedelta(minutes=1)
"""Longer would spare whoever is away little, and keep waiting whom it comes back to."""
TURN = timedelta(seconds=2)
"""How long to let another worker move its version of the same model."""
FAILURES_MAX = 5
"""So many looks in a row that end as nobody foresaw are enough."""
DEATHS_MAX = 10
"""More, since a worker may die for reasons that are not its work's."""


@dataclass(frozen=True)
class Claim:
    """One version, ours to look at until the lease ends."""

    id: int
    model: str
    version: int
    rung: int
    attempts: int
    turn: int


@dataclass(frozen=True)
class Problem:
    """Why a version could not be judged at the last look."""

    model: str
    version: int
    text: str
    tries: int
    given_up: bool

    def __str__(self) -> str:
        """As a person is told."""
        if not self.given_up:
            return self.text
        return f"given up after {self.tries} tries: {self.text}; gatehouse retry {self.model} {self.version}"


def ring(session: Session, model: str, version: int, now: datetime) -> None:
    """Ask for a look at this version, now. Twice is once, and what was given up is taken up again."""
    ring_all(session, [(model, version)], now)


def ring_all(session: Session, versions: Iterable[tuple[str, int]], now: datetime) -> None:
    """Ask for a look at each; in one order for all who ask, so that no two wait for each other."""
    rows = [
        {"model": model, "version": version, "rung": 1, "due": now, "attempts": 0}
        for model, version in sorted(set(versions))
    ]
    if rows:
        session.execute(_ringing(dialect_of(session)), many(session, rows))


@cache
def _ringing(dialect: str) -> Insert:
    rung = insert_many_on(dialect, WorkRow, ("model", "version", "rung", "due", "attempts"))
    new = rung.excluded
    earlier = case((WorkRow.due < new.due, WorkRow.due), else_=new.due)
    fresh = {name: new[name] for name in ("attempts", "failures", "given_up")}
    rung_again = fresh | {"rung": WorkRow.rung + new.rung, "due": earlier}
    return rung.on_conflict_do_update(index_elements=["model", "version"], set_=rung_again)


def hold_still(session: Session, model: str, version: int) -> None:
    """Until this transaction ends, nobody else rings for this version: what is read of it now stays so.

    SQLite has one writer at a time anyway.
    """
    query = select(WorkRow.id).where(WorkRow.model == model, WorkRow.version == version)
    session.execute(query.with_for_update())


def claim(session: Session, now: datetime) -> Claim | None:
    """Take the longest-due version that nobody is looking at."""
    while True:
        row = session.scalar(
            select(WorkRow)
            .where(_open(now))
            .order_by(WorkRow.due, WorkRow.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if row is None:
            return None
        row.turn += 1
        row.attempts += 1
        if row.leased_until is not None:
            _bury(row, now)
        if row.given_up is None:
            row.leased_until = now + LEASE
            session.flush()
            return Claim(row.id, row.model, row.version, row.rung, row.attempts, row.turn)
        session.flush()


def _bury(row: WorkRow, now: datetime) -> None:
    """Count a worker that died over this work: what kills all of its workers must not go round for ever."""
    row.failures += 1
    if row.failures >= DEATHS_MAX:
        row.leased_until, row.given_up = None, now
        row.problem = "its workers died while they looked at it"


def renew(session: Session, claim: Claim, now: datetime) -> None:
    """Still alive, still looking."""
    session.execute(_ours(claim).values(leased_until=now + LEASE))


def finish(session: Session, claim: Claim, now: datetime) -> None:
    """The look is over; the row goes unless it was rung again, or taken over, meanwhile."""
    gone = session.execute(
        delete(WorkRow).where(WorkRow.id == claim.id, WorkRow.turn == claim.turn, WorkRow.rung == claim.rung)
    )
    if not gone.rowcount:  # type: ignore[attr-defined]
        session.execute(_ours(claim).values(leased_until=None, due=now, failures=0, problem=None))


def postpone(session: Session, claim: Claim, now: datetime, problem: str) -> datetime | None:
    """Look again later: after 2 s, 4 s, 8 s, ... at most a minute; at once if rung meanwhile.

    When, comes back; None if the claim was lost to another, whose word now counts.
    """
    row = _claimed(session, claim)
    if row is None:
        return None
    row.failures = 0
    return _later(row, claim, now, problem)


def wait(session: Session, claim: Claim, now: datetime, until: datetime) -> datetime | None:
    """Nothing to do before then; look again at that time, or at once if rung meanwhile. Nothing is wrong.

    When, comes back; None if the claim was lost to another.
    """
    row = _claimed(session, claim)
    if row is None:
        return None
    row.failures, row.attempts, row.leased_until, row.problem = 0, 0, None, None
    row.due = until if row.rung == claim.rung else now
    return row.due


def stand_aside(session: Session, claim: Claim, now: datetime, problem: str) -> datetime | None:
    """Look again in two seconds, however often: another's turn ends with its work, or with its lease."""
    row = _claimed(session, claim)
    if row is None:
        return None
    row.failures, row.leased_until, row.due, row.problem = 0, None, now + TURN, problem
    return row.due


def fail(session: Session, claim: Claim, now: datetime, problem: str) -> datetime | None:
    """As `postpone`, after a look that ended as nobody foresaw; None also if the work was given up for it."""
    row = _claimed(session, claim)
    if row is None:
        return None
    row.failures += 1
    due = _later(row, claim, now, problem)
    if row.failures < FAILURES_MAX or row.rung != claim.rung:
        return due
    row.given_up = now
    return None


def retry(
    session: Session, now: datetime, model: str | None = None, version: int | None = None
) -> list[Problem]:
    """Look now at what was given up or waits for its next try, of one version, one model, or all."""
    rows = session.scalars(_troubled(model, version).with_for_update()).all()
    found = [_problem(row) for row in rows]
    for row in rows:
        row.due, row.attempts, row.failures, row.given_up = now, 0, 0, None
    return found


def problems(
    session: Session, model: str | None = None, version: int | None = None
) -> dict[tuple[str, int], Problem]:
    """Why versions that wait for another look could not be judged at the last one."""
    found = (_problem(row) for row in session.scalars(_troubled(model, version)))
    return {(problem.model, problem.version): problem for problem in found}


def listed(session: Session, model: str | None = None) -> set[tuple[str, int]]:
    """The versions that are looked at now, or wait for it."""
    query = select(WorkRow.model, WorkRow.version)
    rows = session.execute(query if model is None else query.where(WorkRow.model == model))
    return {(name, version) for name, version in rows}


def due_count(session: Session, now: datetime) -> int:
    """How many versions could be claimed now."""
    return session.scalar(select(func.count()).select_from(WorkRow).where(_open(now))) or 0


def _open(now: datetime) -> ColumnElement[bool]:
    free = or_(WorkRow.leased_until.is_(None), WorkRow.leased_until < now)
    return (WorkRow.due <= now) & free & WorkRow.given_up.is_(None)


def _ours(claim: Claim) -> Update:
    return update(WorkRow).where(WorkRow.id == claim.id, WorkRow.turn == claim.turn)


def _claimed(session: Session, claim: Claim) -> WorkRow | None:
    query = select(WorkRow).where(WorkRow.id == claim.id, WorkRow.turn == claim.turn)
    return session.scalar(query.with_for_update())


def _later(row: WorkRow, claim: Claim, now: datetime, problem: str) -> datetime:
    wait = min(timedelta(seconds=2 ** min(claim.attempts, 12)), RETRY_MAX)
    row.leased_until = None
    row.due = now + wait if row.rung == claim.rung else now
    row.problem = problem
    return row.due


def _troubled(model: str | None, version: int | None) -> Select[WorkRow]:
    query = select(WorkRow).where(WorkRow.problem.is_not(None)).order_by(WorkRow.model, WorkRow.version)
    if model is not None:
        query = query.where(WorkRow.model == model)
    if version is not None:
        query = query.where(WorkRow.version == version)
    return query


def _problem(row: WorkRow) -> Problem:
    return Problem(row.model, row.version, row.problem or "", row.attempts, row.given_up is not None)
