"""The console's Flask app, drawn on the server.

Put together here: routes, filters, error pages, headers, and the order in which a request is let in. What the
pages ask of the ledger is `readings`' matter, who may call them that of `signin`.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from flask import Flask, Response, current_app, g, render_template, request
from flask_wtf import CSRFProtect
from sqlalchemy import Engine
from werkzeug.exceptions import HTTPException

from console import words
from console.headers import with_headers
from console.holding import holding
from console.live import live
from console.pages import pages
from console.records import records
from console.replaying import replaying
from console.reviewing import review
from console.routes import ModelName
from console.settings import ConsoleSettings
from console.signin import guard
from console.signin.caller import Way
from console.signin.errors import ProviderUnavailable
from console.signin.groups import ReadReviewers
from console.signin.limits import limit
from console.signin.provider import Provider
from console.signin.recognise import recognise
from console.signin.views import signin
from console.watcher import Watcher
from ledger.errors import LedgerError
from ledger.migrate import check

LARGEST_BODY = 64 * 1024
"""Bytes of a form: a comment, never a file."""


def now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


def unheard() -> None:
    """The bell of an app that has none."""


def create_app(
    engine: Engine,
    settings: ConsoleSettings | None = None,
    *,
    clock: Callable[[], datetime] = now,
    ring: Callable[[], None] = unheard,
) -> Flask:
    """The app over one ledger; a ledger that is away or not set up is a 503 page, not a crash.

    `ring` asks the workers to look, after somebody said something; the sweep finds what no ring told.
    """
    settings = settings or ConsoleSettings()
    app = Flask(__name__)
    app.config.update(
        LEDGER=engine, WATCHER=Watcher(engine), CLOCK=clock, RING=ring, LEDGER_CHECKED=False,
        SETTINGS=settings,
        REVIEWERS=ReadReviewers(settings.policies, clock), **_of_cookies(settings),
    )  # fmt: skip
    app.config["PROVIDER"] = Provider(app, settings) if settings.oidc_issuer else None
    app.url_map.converters["model"] = ModelName
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(words.FILTERS)
    app.jinja_env.globals.update(words.GLOBALS)
    _let_in(app)
    app.after_request(_with_headers)
    app.register_error_handler(LedgerError, _ledger_away)
    app.register_error_handler(HTTPException, _said_no)
    for blueprint in (pages, records, review, replaying, holding, live, signin):
        app.register_blueprint(blueprint)
    limit(app, settings)
    if unmarked := guard.unmarked(app):
        raise RuntimeError(f"these views change something and do not say who may: {unmarked}")
    return app


def _of_cookies(settings: ConsoleSettings) -> dict[str, Any]:
    """The small signed cookie that guards forms; the session's own is `signin.cookie`'s."""
    return {
        "SECRET_KEY": settings.console_secret.get_secret_value(),
        "SESSION_COOKIE_NAME": "__Host-gatehouse-forms" if settings.https else "gatehouse-forms",
        "SESSION_COOKIE_SECURE": settings.https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_CHECK_DEFAULT": False,
        # A page that lay open over lunch still takes its comment.
        "WTF_CSRF_TIME_LIMIT": None,
        "MAX_CONTENT_LENGTH": LARGEST_BODY,
    }


def _let_in(app: Flask) -> None:
    """The order: is there a ledger, who is it, may they, and is the form ours."""
    forms = CSRFProtect(app)
    app.before_request(partial(_check_once, app))
    app.before_request(_recognise)
    app.before_request(guard.check)
    app.before_request(partial(_check_form, forms))
    app.context_processor(lambda: {"person": guard.caller(), "may": guard.caller().may})


def _recognise() -> None:
    if request.endpoint == "static":
        return
    try:
        g.caller = recognise()
    except ProviderUnavailable:
        # There are other ways in, so the page that shows them stays open.
        if guard.needed(current_app, request.endpoint or "static") is not None:
            raise


def _check_form(forms: CSRFProtect) -> None:
    """A token proves each call by itself; browsers send cookies along with anybody's."""
    changes = request.endpoint is not None and request.method not in guard.SAFE
    if changes and guard.caller().way is not Way.TOKEN:
        forms.protect()


def _check_once(app: Flask) -> None:
    """Until the ledger has once been found to be of our version, look before every page."""
    if not app.config["LEDGER_CHECKED"]:
        check(app.config["LEDGER"])
        app.config["LEDGER_CHECKED"] = True


def _with_headers(response: Response) -> Response:
    settings: ConsoleSettings = current_app.config["SETTINGS"]
    return with_headers(response, https=settings.https, private=guard.caller().signed_in)


def _ledger_away(error: LedgerError) -> tuple[str, int]:
    current_app.logger.warning("the console cannot read the ledger: %s", error)
    page = render_template("error.html", title="The ledger cannot be read", sentence=str(error), again=True)
    return page, 503


def _said_no(error: HTTPException) -> tuple[str, int]:
    code = error.code or 500
    return render_template("error.html", title=error.name, sentence=error.description, again=False), code
