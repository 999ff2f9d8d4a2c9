"""The forms of a candidate's page: what a signed-in person says goes through the one door for such acts."""

from http import HTTPStatus

from flask import Blueprint, abort, current_app, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from console.drawn import LARGEST, book, ledger, now
from console.pages import candidate_page
from console.roles import Permission
from console.signin.guard import caller, needs
from console.verbs import LABELS
from policies.people import Act, Shown
from policies.verdicts import Vote
from workers.review import NotJudged, VoteRefused
from workers.review import review as record

review = Blueprint("review", __name__)


@review.post(f"/models/<model:name>/<int(max={LARGEST}):number>/review")
@needs(Permission.REVIEW)
def act(name: str, number: int) -> Response | tuple[str, int]:
    """One act, said of the evidence and policy text that the page showed."""
    said = _said(name, number)
    try:
        record(ledger(), book(), caller().as_person(), said, now())
    except (VoteRefused, NotJudged) as refused:
        flash(f"Not recorded: {refused}.", "bad")
        return candidate_page(name, number, comment=said.comment), HTTPStatus.CONFLICT
    current_app.config["RING"]()
    flash(f"Recorded: {said.verb} by {caller().name}. The decision follows in a moment.", "good")
    return redirect(url_for("pages.version", name=name, number=number), 303)


def _said(name: str, number: int) -> Act:
    form = request.form
    if form.get("verb") not in LABELS:
        abort(400, f"Say one of: {', '.join(LABELS)}.")
    shown = Shown(
        evidence_digest=form.get("evidence_digest", ""), policy_digest=form.get("policy_digest", "")
    )
    verb = Vote(form["verb"])
    return Act(model=name, version=number, verb=verb, comment=form.get("comment", ""), shown=shown)
