"""The console's Flask app: read-only pages, drawn on the server, without scripts.

Put together here: routes, filters, error pages, headers. What the pages ask of the ledger is `readings`'
matter; nothing is changed through these pages.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from flask import Flask, Response, current_app, render_template
from sqlalchemy import Engine
from werkzeug.exceptions import HTTPException

from console import words
from console.pages import pages
from console.routes import ModelName
from ledger.errors import LedgerError
from ledger.migrate import check

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


def create_app(engine: Engine, *, clock: Callable[[], datetime] = now) -> Flask:
    """The app over one ledger; a ledger that is away or not set up is a 503 page, not a crash."""
    app = Flask(__name__)
    app.config.update(LEDGER=engine, CLOCK=clock, LEDGER_CHECKED=False)
    app.url_map.converters["model"] = ModelName
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(words.FILTERS)
    app.jinja_env.globals.update(words.GLOBALS)
    app.before_request(partial(_check_once, app))
    app.after_request(_with_headers)
    app.register_error_handler(LedgerError, _ledger_away)
    app.register_error_handler(HTTPException, _said_no)
    app.register_blueprint(pages)
    return app


def _check_once(app: Flask) -> None:
    """Until the ledger has once been found to be of our version, look before every page."""
    if not app.config["LEDGER_CHECKED"]:
        check(app.config["LEDGER"])
        app.config["LEDGER_CHECKED"] = True


def _with_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if response.mimetype == "text/html":
        response.headers["Cache-Control"] = "no-cache"
    return response


def _ledger_away(error: LedgerError) -> tuple[str, int]:
    current_app.logger.warning("the console cannot read the ledger: %s", error)
    page = render_template("error.html", title="The ledger cannot be read", sentence=str(error), again=True)
    return page, 503


def _said_no(error: HTTPException) -> tuple[str, int]:
    code = error.code or 500
    return render_template("error.html", title=error.name, sentence=error.description, again=False), code
