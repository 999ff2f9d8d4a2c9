"""Stops the moves of a model and lets them go on, for operators."""

from http import HTTPStatus

from flask import Blueprint, current_app, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from console.drawn import ledger, now
from console.pages import model_page
from console.roles import Permission
from console.signin.guard import caller, needs
from workers.holding import hold, resume
from workers.review import VoteRefused

holding = Blueprint("holding", __name__)

ACTS = {"hold": hold, "resume": resume}


@holding.post("/models/<model:name>/<any(hold, resume):verb>")
@needs(Permission.HOLD)
def act(name: str, verb: str) -> Response | tuple[str, int]:
    """With a reason, which everybody is told."""
    reason = request.form.get("reason", "")
    try:
        ACTS[verb](ledger(), caller().as_person(), name, reason, now())
    except VoteRefused as refused:
        flash(f"Not done: {refused}.", "bad")
        return model_page(name, reason=reason), HTTPStatus.CONFLICT
    current_app.config["RING"]()
    flash(f"{name}: {verb}, by {caller().name}.", "good")
    return redirect(url_for("pages.model", name=name), 303)
