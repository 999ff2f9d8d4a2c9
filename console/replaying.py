"""Takes a stored delivery once more, for operators: what the command line does, by a click."""

from flask import Blueprint, abort, current_app, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from console.drawn import ledger, now
from console.roles import Permission
from console.signin.guard import needs
from ledger.deliveries import by_id
from ledger.engine import reading
from registry.settings import RegistrySettings
from webhooks.errors import DeliveryInvalid
from webhooks.follow import Followed
from webhooks.replay import replay as take_again

replaying = Blueprint("replaying", __name__)


@replaying.post("/deliveries/replay")
@needs(Permission.REPLAY)
def replay() -> Response:
    """One delivery, by the sender's id for it; its version is looked at again."""
    try:
        taken = take_once_more(request.form.get("id", ""))
    except DeliveryInvalid as invalid:
        flash(f"Not replayed: it cannot be read: {invalid}.", "bad")
    else:
        flash(f"Taken once more: {taken}.", "good")
    return redirect(url_for("records.deliveries"), 303)


def take_once_more(wanted: str) -> Followed:
    """By the sender's id for it; 404 where none came with that. Raises DeliveryInvalid, LedgerUnavailable."""
    with reading(ledger()) as session:
        came = by_id(session, [wanted])
    if not came:
        abort(404, f"No delivery '{wanted}' came in.")
    taken = take_again(ledger(), came[0].delivery, now(), RegistrySettings().workspaces)
    current_app.config["RING"]()
    return taken
