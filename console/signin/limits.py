"""How often one caller may call: sign-ins against guessing, everything else against a client gone wild."""

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from console.api.address import api
from console.settings import ConsoleSettings
from console.signin.guard import caller
from console.signin.views import signin

SIGN_INS = "10 per minute"
"""Tries to sign in, by address."""
LOOKS = "60 per minute"
"""At the ways in, and back from the provider, by address."""
CALLS = "600 per minute"
"""Of the API, by caller."""
TOO_MANY = "These were too many calls in a short time. Wait a minute, then try again."


def limit(app: Flask, settings: ConsoleSettings) -> None:
    """Count the calls, and refuse too many with 429 and when to come again."""
    limiter = Limiter(
        get_remote_address, app=app, storage_uri=settings.limits_url, headers_enabled=True,
        in_memory_fallback_enabled=True, default_limits=[],
    )  # fmt: skip
    limiter.limit(SIGN_INS, methods=["POST"], error_message=TOO_MANY)(signin)
    limiter.limit(LOOKS, methods=["GET"], error_message=TOO_MANY)(signin)
    limiter.limit(CALLS, key_func=counted, error_message=TOO_MANY)(api)


def counted() -> str:
    """Whom the API counts: the person, or where the call came from."""
    return caller().name if caller().signed_in else get_remote_address()
