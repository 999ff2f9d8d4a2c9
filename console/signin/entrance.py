"""The order in which a request is let in: who is it, is it too often, may they, and is the form ours."""

from functools import partial
from typing import Any

from flask import Flask, current_app, g, request
from flask_wtf import CSRFProtect

from console.settings import ConsoleSettings
from console.signin import guard
from console.signin.caller import Way
from console.signin.errors import ProviderUnavailable, TokenRefused
from console.signin.limits import limit
from console.signin.recognise import recognise

LARGEST_BODY = 64 * 1024
"""Bytes of a form: a comment, never a file."""


def of_cookies(settings: ConsoleSettings) -> dict[str, Any]:
    """The small signed cookie that guards forms; the session's own is `cookie`'s."""
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


def let_in(app: Flask, settings: ConsoleSettings) -> None:
    """Templates know the caller as `person`, and `may` asks what they may."""
    forms = CSRFProtect(app)
    app.before_request(_recognise)
    limit(app, settings)
    app.before_request(guard.check)
    app.before_request(partial(_check_form, forms))
    app.context_processor(lambda: {"person": guard.caller(), "may": guard.caller().may})


def _recognise() -> None:
    if request.endpoint == "static":
        return
    try:
        g.caller = recognise()
    except TokenRefused as refused:
        g.refused = str(refused)
    except ProviderUnavailable:
        # There are other ways in, so the page that shows them stays open.
        if guard.needed(current_app, request.endpoint or "static") is not None:
            raise


def _check_form(forms: CSRFProtect) -> None:
    """A token proves each call by itself; browsers send cookies along with anybody's."""
    changes = request.endpoint is not None and request.method not in guard.SAFE
    if changes and guard.caller().way is not Way.TOKEN:
        forms.protect()
