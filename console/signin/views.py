"""The sign-in page, and the ways out."""

from datetime import datetime
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    session,
)
from werkzeug.wrappers import Response as AnyResponse

from console.roles import Permission
from console.settings import ConsoleSettings
from console.signin.caller import Way
from console.signin.claims import read_claims
from console.signin.cookie import digest_of, hand_out, take_back
from console.signin.entering import Entered, enter_by_link, enter_vouched, leave, leave_everywhere, refused
from console.signin.errors import SigninRefused
from console.signin.guard import caller, needs, open_to_all
from console.signin.provider import Provider
from console.signin.renewing import asked_with

signin = Blueprint("signin", __name__)
NEXT = "next"


@signin.get("/signin")
@open_to_all
def page() -> Response:
    """Every way in; what stands after `#` in the address stays in the browser."""
    if local(wanted := request.args.get(NEXT, "")):
        session[NEXT] = wanted
    return _page(200)


@signin.post("/signin")
@open_to_all
def by_link() -> AnyResponse:
    """Use a one-time link up: a person's own click, so that no preview of a link does."""
    try:
        entered = enter_by_link(current_app.config["LEDGER"], request.form.get("code", ""), _now())
    except SigninRefused as said:
        return _page(403, problem=str(said))
    return welcome(entered)


@signin.get("/signin/oidc")
@open_to_all
def by_provider() -> AnyResponse:
    """Off to the OpenID provider, and back to `vouched`."""
    return _provider().away(f"{_settings().console_url}/signin/oidc/back")


@signin.get("/signin/oidc/back")
@open_to_all
def vouched() -> AnyResponse:
    """Back from the OpenID provider, with what it says."""
    ledger = current_app.config["LEDGER"]
    try:
        claims, token = _provider().answered()
        claimed = read_claims(claims, _settings())
    except SigninRefused as said:
        refused(ledger, Way.OIDC, str(said), _now())
        return _page(403, problem=str(said))
    return welcome(enter_vouched(ledger, claimed, asked_with(claims, token, _settings()), _now()))


@signin.post("/signout")
@needs(Permission.SEE)
def out() -> AnyResponse:
    """End this session."""
    known = digest_of(request, https=_settings().https)
    if known and caller().signed_in:
        leave(current_app.config["LEDGER"], known, caller(), _now())
    return _goodbye()


@signin.post("/signout/everywhere")
@needs(Permission.SEE)
def out_everywhere() -> AnyResponse:
    """End every session of this person, on every device."""
    if caller().signed_in:
        leave_everywhere(current_app.config["LEDGER"], caller().name, _now(), by=caller().name)
    return _goodbye()


def welcome(entered: Entered) -> AnyResponse:
    """On to the page that was asked for, with a new cookie; nothing of before is carried along."""
    target = session.pop(NEXT, "/")
    session.clear()
    response = redirect(target, 303)
    hand_out(response, entered.secret, https=_settings().https)
    return response


def local(target: str) -> bool:
    """Whether this is a page of ours: browsers read two slashes of either kind as another site."""
    parts = urlsplit(target)
    plain = target.isprintable() and "\\" not in target and not target.startswith("//")
    return plain and target.startswith("/") and not parts.scheme and not parts.netloc


def _goodbye() -> AnyResponse:
    session.clear()
    response = redirect("/signin", 303)
    take_back(response, https=_settings().https)
    return response


def _page(status: int, *, problem: str = "") -> Response:
    return make_response(
        render_template("signin.html", problem=problem, oidc=_settings().oidc_issuer), status
    )


def _provider() -> Provider:
    provider: Provider | None = current_app.config["PROVIDER"]
    if provider is None:
        abort(404, "No OpenID provider is set up here: sign in by a one-time link.")
    return provider


def _settings() -> ConsoleSettings:
    settings: ConsoleSettings = current_app.config["SETTINGS"]
    return settings


def _now() -> datetime:
    at: datetime = current_app.config["CLOCK"]()
    return at
