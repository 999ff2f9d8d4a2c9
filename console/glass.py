"""Breaking the glass at a candidate's page, for whoever the policy names: the door of `gatehouse promote`."""

from http import HTTPStatus

from flask import Blueprint, current_app, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from console.drawn import LARGEST, book, ledger, now
from console.pages import candidate_page
from console.roles import Permission
from console.signin.guard import caller, needs
from console.verbs import known_tags
from ledger.engine import reading
from policies.people import Act
from policies.problems import PolicyInvalid
from policies.verdicts import Vote
from workers.glass import break_glass
from workers.review import VoteRefused

glass = Blueprint("glass", __name__)


@glass.post(f"/models/<model:name>/<int(min=1, max={LARGEST}):number>/promote")
@needs(Permission.PROMOTE)
def act(name: str, number: int) -> Response | tuple[str, int]:
    """With a reason, which everybody is told."""
    reason = request.form.get("reason", "")
    try:
        promote(name, number, reason)
    except VoteRefused as refused:
        flash(f"Not promoted: {refused}.", "bad")
        return candidate_page(name, number, reason=reason), HTTPStatus.CONFLICT
    flash(
        f"Recorded: {caller().name} promotes {name} {number} over the gate's head. It follows at once.",
        "good",
    )
    return redirect(url_for("pages.version", name=name, number=number), 303)


def promote(name: str, number: int, reason: str) -> None:
    """Record that the caller breaks the glass, and ask for a look; for the page and for the API.

    Raises VoteRefused, LedgerUnavailable.
    """
    said = Act(model=name, version=number, verb=Vote.PROMOTE, comment=reason)
    with reading(ledger()) as session:
        tags = known_tags(session, name)
    try:
        break_glass(ledger(), book(), caller().as_person(), said, now(), tags)
    except PolicyInvalid as invalid:
        raise VoteRefused("; ".join(problem.sentence for problem in invalid.problems)) from invalid
    current_app.config["RING"]()
