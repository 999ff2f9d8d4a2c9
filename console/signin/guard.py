"""What a view asks of whoever calls it, and the check before every call. What asks nothing is for viewers."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, abort, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from console.roles import MEANING, Permission, holders
from console.signin.caller import STRANGER, Caller

View = TypeVar("View", bound=Callable[..., Any])
SAFE = {"GET", "HEAD", "OPTIONS"}
_MARK = "gatehouse_needs"
_OPEN = "open to all"


def needs(permission: Permission) -> Callable[[View], View]:
    """Only for those who may do this: `@needs(Permission.REPLAY)`, below its address."""

    def mark(view: View) -> View:
        setattr(view, _MARK, permission)
        return view

    return mark


def open_to_all(view: View) -> View:
    """For everybody, also those who have not signed in: the sign-in page itself."""
    setattr(view, _MARK, _OPEN)
    return view


def needed(app: Flask, endpoint: str) -> Permission | None:
    """What a view asks; None: nothing. A view without a mark is for those who may see."""
    if endpoint == "static":
        return None
    marked = getattr(app.view_functions[endpoint], _MARK, Permission.SEE)
    return None if marked == _OPEN else cast("Permission", marked)


def unmarked(app: Flask) -> list[str]:
    """Views that change something and do not say who may: a mistake of ours."""
    rules = (rule for rule in app.url_map.iter_rules() if (rule.methods or set()) - SAFE)
    return [rule.endpoint for rule in rules if not hasattr(app.view_functions[rule.endpoint], _MARK)]


def caller() -> Caller:
    """Who is behind this request; a stranger until that was found out."""
    known: Caller = g.get("caller", STRANGER)
    return known


def check() -> Response | None:
    """Let pass, ask for a sign-in, or refuse."""
    if request.endpoint is None:
        return None
    wanted = needed(current_app, request.endpoint)
    if wanted and (refused := g.get("refused")):
        abort(401, refused)
    if wanted is None or caller().may(wanted):
        return None
    if not caller().signed_in:
        return _ask_to_sign_in(wanted)
    roles = " or ".join(holders(wanted))
    return abort(403, f"{caller().name} may not {MEANING[wanted]}: that is for the role {roles}.")


def _ask_to_sign_in(wanted: Permission) -> Response:
    if request.method in SAFE and request.blueprint != "api":
        return redirect(url_for("signin.page", next=request.full_path.rstrip("?")), 303)
    return abort(401, f"Sign in to {MEANING[wanted]}.")
