"""Makes the reports that are wanted: drawn from what is kept, then logged to the run that made the version.

The verdict stands already, and nothing here can change it: what fails is tried again, told in the log, and
shown with the decision. Drawn and logged twice, if a worker dies between, a report is the same.
"""

import logging
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ledger import reports
from ledger.engine import reading, writing
from ledger.judgements import Judgement, evidence_of
from ledger.reports import Wanted
from registry.errors import RegistryRefused, RegistryUnavailable
from registry.logged import name_of
from validation.reports.drawn import Drawn, draw, for_messages, pngs
from validation.reports.logged import figures
from validation.reports.page import page
from validation.reports.report import Report
from validation.reports.sketch import Sketch
from workers.gatekeeper import Gatekeeper
from workers.messages import tell_plotted
from workers.queue import REPORT, TELL

RETRY_MAX_S = 600
PAGE = "report.html"

log = logging.getLogger(__name__)


def want_report(session: Session, judgement: Judgement, sketch: Sketch | None, now: datetime) -> None:
    """Have the report of a decision made, in the transaction that records it.

    `sketch` is of what was measured just now; without, what is kept is drawn.
    """
    if sketch is not None:
        reports.keep_sketch(session, judgement.evaluation.evidence_digest, sketch.model_dump_json(), now)
    reports.want(session, judgement, now)


def report(keeper: Gatekeeper) -> bool:
    """Make one that is due; False if none was. Anything unforeseen is noted, then raised."""
    with writing(keeper.ledger) as session:
        wanted = reports.claim(session, keeper.now())
        more = reports.waiting(session, keeper.now())
    if more:
        keeper.ring(REPORT)
    if wanted is None:
        return False
    try:
        _make(keeper, wanted)
    except RegistryRefused as error:
        _told(wanted, str(error))
        _refuse(keeper, wanted, str(error))
    except RegistryUnavailable as error:
        _again(keeper, wanted, str(error))
    except Exception as error:
        _again(keeper, wanted, f"{type(error).__name__}: {error}")
        raise
    return True


def _make(keeper: Gatekeeper, wanted: Wanted) -> None:
    found = _kept(keeper, wanted)
    drawn = draw(found)
    html, plot = page(found, drawn), for_messages(drawn)
    png = plot.png() if plot else None
    with writing(keeper.ledger) as session:
        reports.keep_page(session, wanted, html, png)
        overtaken = reports.overtaken(session, wanted)
        if png and not overtaken:
            tell_plotted(keeper, session, wanted.judgement)
    if png and not overtaken:
        keeper.ring(TELL)
    if overtaken:
        _refuse(keeper, wanted, "a later judgement of the version took its place before it was logged")
        return
    _log(keeper, found, drawn, html)
    with writing(keeper.ledger) as session:
        reports.mark_logged(session, wanted)


def _kept(keeper: Gatekeeper, wanted: Wanted) -> Report:
    judged = wanted.judgement
    with reading(keeper.ledger) as session:
        evidence = evidence_of(session, judged)
        sketch = reports.sketch_of(session, judged.evaluation.evidence_digest)
    return Report(
        evidence=evidence,
        evaluation=judged.evaluation,
        decision=judged.decision,
        sketch=Sketch() if sketch is None else Sketch.model_validate_json(sketch),
        at=judged.at,
        product=wanted.product,
    )


def _log(keeper: Gatekeeper, found: Report, drawn: Drawn, html: str) -> None:
    of = found.evidence.candidate
    folder = f"{name_of(of.name)}-{of.version}"
    files = {PAGE: html.encode(), **pngs(drawn)}
    version = keeper.registry.version(of.name, of.version)
    keeper.registry.log(
        version, {f"{folder}/{name}": content for name, content in files.items()}, figures(found), found.at
    )


def _refuse(keeper: Gatekeeper, wanted: Wanted, why: str) -> None:
    with writing(keeper.ledger) as session:
        reports.mark_refused(session, wanted, why)


def _again(keeper: Gatekeeper, wanted: Wanted, problem: str) -> None:
    _told(wanted, problem)
    retry = keeper.now() + timedelta(seconds=min(2**wanted.attempts, RETRY_MAX_S))
    with writing(keeper.ledger) as session:
        reports.mark_failed(session, wanted, problem, retry=retry)


def _told(wanted: Wanted, problem: str) -> None:
    of = wanted.judgement
    log.warning("model_name=%r version=%s its report was not logged: %s", of.model, of.version, problem)
