"""The console's Flask app, drawn on the server.

Put together here: routes, filters, error pages, headers, and the order in which a request is let in. What the
pages ask of the ledger is `readings`' matter, who may call them that of `signin`.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from flask import Flask, Response, current_app
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import Engine

from console import refusals, words
from console.api.address import api, not_of_the_shape
from console.api.document import SECURITY, about
from console.api.shapes import Refusal
from console.glass import glass
from console.headers import with_headers
from console.holding import holding
from console.hosts import only_by_name
from console.live import live
from console.pages import pages
from console.policy_folder import PolicyFolder
from console.records import records
from console.replaying import replaying
from console.reviewing import review
from console.routes import ModelName
from console.settings import ConsoleSettings
from console.signin import guard
from console.signin.entrance import let_in, of_cookies
from console.signin.groups import Reviewers
from console.signin.provider import Provider
from console.signin.views import signin
from console.watcher import Watcher
from ledger.migrate import check


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
    app = _undressed()
    app.config.update(
        LEDGER=engine, WATCHER=Watcher(engine), CLOCK=clock, RING=ring, LEDGER_CHECKED=False,
        SETTINGS=settings, POLICIES=(folder := PolicyFolder()),
        REVIEWERS=lambda: Reviewers.of(folder.load(settings.policies)), **of_cookies(settings),
    )  # fmt: skip
    app.config["PROVIDER"] = Provider(app, settings) if settings.oidc_issuer else None
    only_by_name(app, settings)
    app.before_request(partial(_check_once, app))
    let_in(app, settings)
    app.after_request(_with_headers)
    refusals.register(app)
    for blueprint in (pages, records, review, replaying, holding, glass, live, signin):
        app.register_blueprint(blueprint)
    app.register_api(api)
    if unmarked := guard.unmarked(app):
        raise RuntimeError(f"these views change something and do not say who may: {unmarked}")
    return app


def _undressed() -> OpenAPI:
    """The app before it knows anybody: how names stand in addresses and words on pages."""
    app = OpenAPI(
        __name__, info=about(), security_schemes=SECURITY, doc_ui=False,
        validation_error_model=Refusal, validation_error_callback=not_of_the_shape,
    )  # fmt: skip
    app.url_map.converters["model"] = ModelName
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(words.FILTERS)
    app.jinja_env.globals.update(words.GLOBALS)
    return app


def _check_once(app: Flask) -> None:
    """Until the ledger has once been found to be of our version, look before every page."""
    if not app.config["LEDGER_CHECKED"]:
        check(app.config["LEDGER"])
        app.config["LEDGER_CHECKED"] = True


def _with_headers(response: Response) -> Response:
    settings: ConsoleSettings = current_app.config["SETTINGS"]
    return with_headers(response, https=settings.https, private=guard.caller().signed_in)
