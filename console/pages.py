"""The pages: each reads the ledger once and hands what it found to its template."""

from flask import Blueprint, Response, abort, current_app, render_template, request

from console import readings
from console.signin.guard import open_to_all
from ledger import reports
from ledger.approvals import of_version
from ledger.engine import reading
from ledger.history import timeline
from ledger.judgements import evidence_of, latest

pages = Blueprint("pages", __name__)

NEWEST = 8
PAGE = 50
LARGEST = 2**31 - 1
"""Of a version or a row: what any database's integer holds."""
SEALED = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox"
)
"""For a report: its own styles and pictures, and nothing else. What models and data put there stays words."""
ENTRIES = 300
"""Lines of a timeline that are drawn: the newest."""


@pages.get("/")
def overview() -> str:
    """Every model seen, what waits for whom, and the channel's newest messages."""
    with reading(current_app.config["LEDGER"]) as session:
        models = readings.models(session)
        told = readings.messages(session, limit=NEWEST)
    return _drawn("overview.html", models=models, told=told)


@pages.get("/channel")
def channel() -> str:
    """All messages, newest first, a page at a time."""
    before = request.args.get("before", type=_row_id)
    with reading(current_app.config["LEDGER"]) as session:
        told = readings.messages(session, limit=PAGE + 1, before=before)
    older = told[PAGE - 1].id if len(told) > PAGE else None
    return _drawn("channel.html", told=told[:PAGE], older=older, newest=before is None)


@pages.get("/models/<model:name>")
def model(name: str) -> str:
    """The versions and the timeline of one model."""
    with reading(current_app.config["LEDGER"]) as session:
        seen = readings.model(session, name)
        entries = timeline(session, name)
    if not seen.versions and not entries:
        abort(404, f"Nothing is on record for a model named '{name}'.")
    return _drawn("model.html", model=seen, entries=entries[-ENTRIES:], left_out=len(entries[:-ENTRIES]))


@pages.get(f"/models/<model:name>/<int(max={LARGEST}):number>")
def version(name: str, number: int) -> str:
    """One candidate: gates, approvals, and how it came about."""
    with reading(current_app.config["LEDGER"]) as session:
        seen = readings.version(session, name, number)
        entries = timeline(session, name, number)
        votes = of_version(session, name, number)
        look = readings.open_look(session, name, number)
        judged = seen.judgement if seen else None
        evidence = evidence_of(session, judged) if judged else None
        kept = reports.kept(session, judged.evaluation) if judged else None
    if seen is None and not entries and look is None:
        abort(404, f"Nothing is on record for version {number} of a model named '{name}'.")
    return _drawn(
        "version.html", name=name, number=number, seen=seen, votes=votes, look=look, evidence=evidence,
        report=kept,
        entries=entries[-ENTRIES:], left_out=len(entries[:-ENTRIES]),
    )  # fmt: skip


@pages.get(f"/models/<model:name>/<int(max={LARGEST}):number>/report")
def report(name: str, number: int) -> Response:
    """The report of the decision in force: a page of its own, which may load and run nothing."""
    with reading(current_app.config["LEDGER"]) as session:
        judged = latest(session, name, number)
        page = reports.page_of(session, judged.evaluation) if judged else None
    if page is None:
        abort(404, f"There is no report yet of version {number} of a model named '{name}'.")
    return Response(page, mimetype="text/html", headers={"Content-Security-Policy": SEALED})


@pages.get("/healthz")
@open_to_all
def healthz() -> tuple[str, int, dict[str, str]]:
    """200 while the ledger can be read; else the error page's 503."""
    with reading(current_app.config["LEDGER"]) as session:
        readings.messages(session, limit=1)
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


def _row_id(text: str) -> int:
    """Flask takes a ValueError for an argument that was not given."""
    if (number := int(text)) > LARGEST:
        raise ValueError("no row has this number")
    return number


def _drawn(template: str, **found: object) -> str:
    return render_template(template, now=current_app.config["CLOCK"](), **found)
