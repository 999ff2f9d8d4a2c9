"""Stops the moves of a model, or of all, and lets them go on, for operators."""

from http import HTTPStatus

from flask import Blueprint, current_app, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from console.drawn import ledger, now
from console.pages import model_page, overview_page
from console.roles import Permission
from console.signin.guard import caller, needs
from workers.holding import ALL, hold, resume
from workers.review import VoteRefused

holding = Blueprint("holding", __name__)

ACTS = {"hold": hold, "resume": resume}


@holding.post("/models/<model:name>/<any(hold, resume):verb>")
@needs(Permission.HOLD)
def act(name: str, verb: str) -> Response | tuple[str, int]:
    """With a reason, which everybody is told."""
    reason = request.form.get("reason", "")
    if not _done(verb, name, reason):
        return model_page(name, reason=reason), HTTPStatus.CONFLICT
    return redirect(url_for("pages.model", name=name), 303)


@holding.post("/<any(hold, resume):verb>")
@needs(Permission.HOLD)
def act_on_all(verb: str) -> Response | tuple[str, int]:
    """The same for all models."""
    reason = request.form.get("reason", "")
    if not _done(verb, None, reason):
        return overview_page(reason=reason), HTTPStatus.CONFLICT
    return redirect(url_for("pages.overview"), 303)


def _done(verb: str, name: str | None, reason: str) -> bool:
    """Whether it was recorded; why not stands on the page that follows."""
    try:
        ACTS[verb](ledger(), caller().as_person(), name, reason, now())
    except VoteRefused as refused:
        flash(f"Not done: {refused}.", "bad")
        return False
    current_app.config["RING"]()
    flash(f"{name or ALL}: {verb}, by {caller().name}.", "good")
    return True
