"""What is answered in place of a page: a page that says why, or the same as JSON where the API was called."""

from flask import Flask, Response, current_app, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from console.api.address import PREFIX, refuse
from console.signin.errors import ProviderUnavailable
from ledger.errors import LedgerError

TOLD = {"Allow", "Retry-After", "WWW-Authenticate"}
"""Headers of a refusal that say what to do instead."""


def register(app: Flask) -> None:
    """Every error that is foreseen has a page; a bug has one, too, without its inside."""
    app.register_error_handler(LedgerError, _ledger_away)
    app.register_error_handler(ProviderUnavailable, _provider_away)
    app.register_error_handler(HTTPException, _said_no)


def _ledger_away(error: LedgerError) -> Response:
    current_app.logger.warning("the console cannot read the ledger: %s", error)
    return _refused(503, "The ledger cannot be read", str(error), again=True)


def _provider_away(error: ProviderUnavailable) -> Response:
    """Nobody was refused; it is worth trying again."""
    current_app.logger.warning("the OpenID provider cannot be asked: %s", error)
    issuer = current_app.config["SETTINGS"].oidc_issuer
    sentence = f"{issuer} does not answer as a sign-in service should. Try again in a minute."
    return _refused(503, "The sign-in service is away", sentence, again=True)


def _said_no(error: HTTPException) -> Response:
    response = _refused(error.code or 500, error.name, error.description or "")
    for name, text in error.get_headers():
        if name in TOLD:
            response.headers[name] = text
    return response


def _refused(status: int, title: str, sentence: str, *, again: bool = False) -> Response:
    if request.path.startswith(f"{PREFIX}/"):
        return refuse(status, sentence)
    page = render_template("error.html", title=title, sentence=sentence, again=again)
    return make_response(page, status)
