"""The pages of models and candidates: each reads the ledger once and hands what it found to its template."""

from flask import Blueprint, Response, abort, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from console.charts import of_reigns, of_series
from console.drawn import LARGEST, book, drawn, here, ledger, now, row_id
from console.plots import plots_of
from console.readings.candidate import candidate as read_candidate
from console.readings.messages import channel as read_channel
from console.readings.model import Model
from console.readings.model import model as read_model
from console.readings.overview import Show
from console.readings.overview import overview as read_overview
from console.signin.guard import open_to_all
from console.verbs import may_promote, verbs
from ledger import reports
from ledger.engine import reading
from ledger.judgements import latest
from ledger.tables import MessageRow
from policies.problems import PolicyInvalid

pages = Blueprint("pages", __name__)

LONGEST = 200
"""Characters of what is searched for."""
SEALED = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox"
)
"""For a report: its own styles and pictures, and nothing else. What models and data put there stays words."""


@pages.get("/")
def overview() -> str:
    """Every registered model: what is live, what waits for whom."""
    return overview_page()


def overview_page(*, reason: str = "") -> str:
    """The page of all models; a reason that could not be recorded stands in its form again."""
    show = request.args.get("show", Show.ALL, type=Show)
    q = request.args.get("q", "")[:LONGEST]
    with reading(ledger()) as session:
        found = read_overview(session, show=show, q=q, page=request.args.get("page", 1, type=row_id))
        after = here(session)
    at = url_for("pages.overview")
    return drawn("overview.html", found=found, live="*", after=after, reason=reason, at=at)


@pages.get("/models/<model:name>")
def model(name: str) -> str:
    """What was live when, versions, figures, and the timeline of one model."""
    return model_page(name)


def model_page(name: str, *, reason: str = "") -> str:
    """The page of one model; a reason that could not be recorded stands in its form again."""
    with reading(ledger()) as session:
        found = read_model(session, name, page=request.args.get("page", 1, type=row_id))
        after = here(session)
    if not found.known:
        abort(404, f"Nothing is on record for a model named '{name}'.")
    ruled_by, unclear = _ruling(found)
    chosen = request.args.get("metric", "")
    series = next((one for one in found.series if one.name == chosen), next(iter(found.series), None))
    return drawn(
        "model.html", model=found, series=series, ruled_by=ruled_by, unclear=unclear, reason=reason,
        at=url_for("pages.model", name=name),
        reigns_drawn=of_reigns(found.reigns, now()) if found.reigns else None,
        series_drawn=of_series(series) if series else None, live=name, after=after,
    )  # fmt: skip


@pages.get(f"/models/<model:name>/<int(max={LARGEST}):number>")
def version(name: str, number: int) -> str:
    """One candidate: gates, slices, parameters, approvals, and how it came about."""
    return candidate_page(name, number)


def candidate_page(name: str, number: int, *, comment: str = "", reason: str = "") -> str:
    """The page of one candidate; a comment or reason that could not be recorded stands in its form again."""
    with reading(ledger()) as session:
        found = read_candidate(session, name, number)
        page = _report(session, name, number) if found.judged and found.judged.report else None
        open_to, promotes = verbs(session, name, number), may_promote(session, name, number)
        after = here(session)
    if not found.known:
        abort(404, f"Nothing is on record for version {number} of a model named '{name}'.")
    plots = plots_of(page or "")
    return drawn(
        "version.html", found=found, plots=plots, verbs=open_to, comment=comment, promotes=promotes,
        reason=reason, live=name, after=after, at=url_for("pages.version", name=name, number=number),
    )  # fmt: skip


@pages.get(f"/models/<model:name>/<int(max={LARGEST}):number>/report")
def report(name: str, number: int) -> Response:
    """The report of the decision in force: a page of its own, which may load and run nothing."""
    return _sealed(_wanted(name, number), "text/html")


@pages.get(f"/models/<model:name>/<int(max={LARGEST}):number>/report/plots/<int(max=999):at>.svg")
def plot(name: str, number: int, at: int) -> Response:
    """One plot of the report as a picture; a picture loads and runs nothing."""
    plots = plots_of(_wanted(name, number))
    if at >= len(plots):
        abort(404, f"The report of version {number} of '{name}' has no plot {at}.")
    return _sealed(plots[at].svg, "image/svg+xml")


@pages.get("/channel")
def channel() -> str:
    """All messages, newest first, a page at a time."""
    model_name = request.args.get("model") or None
    before = request.args.get("before", type=row_id)
    with reading(ledger()) as session:
        found = read_channel(session, model=model_name, before=before)
        after = here(session)
    return drawn("channel.html", found=found, model=model_name, live=model_name or "*", after=after)


@pages.get("/healthz")
@open_to_all
def healthz() -> tuple[str, int, dict[str, str]]:
    """200 while the ledger can be read; else the error page's 503."""
    with reading(ledger()) as session:
        session.execute(select(MessageRow.id).limit(1))
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


def _ruling(found: Model) -> tuple[str | None, str]:
    """The policy in force for a model, if there is one; and why nobody can tell which, if nobody can."""
    tags = found.model_tags
    try:
        policy = book().for_model(found.name, None if tags is None else lambda: tags)
    except PolicyInvalid as invalid:
        return None, "; ".join(problem.sentence for problem in invalid.problems)
    return (policy.name if policy else None), ""


def _report(session: Session, name: str, number: int) -> str | None:
    judged = latest(session, name, number)
    return reports.page_of(session, judged.evaluation) if judged else None


def _wanted(name: str, number: int) -> str:
    with reading(ledger()) as session:
        page = _report(session, name, number)
    if page is None:
        abort(404, f"There is no report yet of version {number} of a model named '{name}'.")
    return page


def _sealed(document: str, kind: str) -> Response:
    return Response(document, mimetype=kind, headers={"Content-Security-Policy": SEALED})
