"""Reports: what is kept to draw them from, which are to be made, their pages, and whether the run has them.

A report is of one evaluation: of the same evidence judged by the same policy text there is one, however often
the version is looked at. It is wanted in the transaction that records the decision, and taken with a lease,
so that it is made although its maker dies.
"""

import gzip
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.judgements import Judgement, read_judgement
from ledger.tables import DecisionRow, ReportRow, SketchRow
from ledger.upsert import insert
from policies.verdicts import Evaluation

ATTEMPTS_MAX = 150
"""About a day of tries, as for messages."""
LEASE = timedelta(minutes=5)

WAITING, LOGGED, REFUSED, FAILED = "waiting", "logged", "refused", "failed"


@dataclass(frozen=True)
class Wanted:
    """A report to be made; `product` is the version of Gatehouse that took the decision."""

    evaluation: str
    judgement: Judgement
    product: str
    attempts: int


@dataclass(frozen=True)
class Kept:
    """What there is of a report: whether it has a page, and what became of logging it to the run."""

    made: bool
    state: str
    problem: str | None


def keep_sketch(session: Session, evidence_digest: str, sketch: str, now: datetime) -> None:
    """Keep what a report is drawn from; of equal evidence it is kept once."""
    row = {"evidence_digest": evidence_digest, "sketch": sketch, "at": now}
    session.execute(insert(session, SketchRow).values(row).on_conflict_do_nothing())


def sketch_of(session: Session, evidence_digest: str) -> str | None:
    """What was kept; None for evidence of an older release."""
    return session.scalar(select(SketchRow.sketch).where(SketchRow.evidence_digest == evidence_digest))


def want(session: Session, judgement: Judgement, now: datetime) -> None:
    """Have a report made of this decision, unless its evaluation has one."""
    row = {
        "evaluation": judgement.evaluation.digest(),
        "decision_id": judgement.id,
        "model": judgement.model,
        "version": judgement.version,
        "state": WAITING,
        "due": now,
        "attempts": 0,
        "at": now,
    }
    session.execute(insert(session, ReportRow).values(row).on_conflict_do_nothing())


def waiting(session: Session, now: datetime) -> bool:
    """Whether any report is due."""
    due = select(ReportRow.evaluation).where(ReportRow.state == WAITING, ReportRow.due <= now).limit(1)
    return session.scalar(due) is not None


def claim(session: Session, now: datetime) -> Wanted | None:
    """Take the report that is due for longest; it is due again after the lease if its maker dies."""
    row = session.scalar(
        select(ReportRow)
        .where(ReportRow.state == WAITING, ReportRow.due <= now)
        .order_by(ReportRow.due, ReportRow.decision_id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if row is None:
        return None
    row.attempts += 1
    row.due = now + LEASE
    decision = session.get_one(DecisionRow, row.decision_id)
    return Wanted(row.evaluation, read_judgement(decision), decision.product, row.attempts)


def keep_page(session: Session, wanted: Wanted, page: str, plot: bytes | None) -> None:
    """Keep the page, for the console, and one plot of it, for messages."""
    row = session.get_one(ReportRow, wanted.evaluation)
    row.page, row.plot = gzip.compress(page.encode(), mtime=0), plot


def plot_of(session: Session, evaluation: str) -> bytes | None:
    """The plot for messages, a PNG, of an evaluation by its digest; None where its report has none."""
    return session.scalar(select(ReportRow.plot).where(ReportRow.evaluation == evaluation))


def overtaken(session: Session, wanted: Wanted) -> bool:
    """Whether a later decision on the version has a report: the run is to have the later one."""
    later = select(ReportRow.evaluation).where(
        ReportRow.model == wanted.judgement.model,
        ReportRow.version == wanted.judgement.version,
        ReportRow.decision_id > wanted.judgement.id,
    )
    return session.scalar(later.limit(1)) is not None


def mark_logged(session: Session, wanted: Wanted) -> None:
    """The run has it."""
    row = session.get_one(ReportRow, wanted.evaluation)
    row.state, row.problem = LOGGED, None


def mark_refused(session: Session, wanted: Wanted, problem: str) -> None:
    """There is no run that could have it; trying again cannot help."""
    row = session.get_one(ReportRow, wanted.evaluation)
    row.state, row.problem = REFUSED, problem


def mark_failed(session: Session, wanted: Wanted, problem: str, *, retry: datetime) -> None:
    """It could not be made, or logged: to be tried again, or after too many tries no more."""
    row = session.get_one(ReportRow, wanted.evaluation)
    row.problem, row.due = problem, retry
    if wanted.attempts >= ATTEMPTS_MAX:
        row.state = FAILED


def page_of(session: Session, evaluation: Evaluation) -> str | None:
    """The page of an evaluation, if it is made."""
    page = session.scalar(select(ReportRow.page).where(ReportRow.evaluation == evaluation.digest()))
    return None if page is None else gzip.decompress(page).decode()


def kept(session: Session, evaluation: Evaluation) -> Kept | None:
    """What there is of an evaluation's report; None if none was asked for."""
    made = func.length(ReportRow.page)
    query = select(made, ReportRow.state, ReportRow.problem)
    row = session.execute(query.where(ReportRow.evaluation == evaluation.digest())).first()
    return None if row is None else Kept(made=row[0] is not None, state=row[1], problem=row[2])
