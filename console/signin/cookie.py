"""The cookie of a session: a random word, sent to us alone, and out of reach of scripts."""

from flask import Request
from werkzeug.wrappers import Response

from console.signin.secret import digest


def cookie_name(*, https: bool) -> str:
    """Over https the browser itself sees to it that no other site or path sets it."""
    return "__Host-gatehouse" if https else "gatehouse"


def digest_of(request: Request, *, https: bool) -> str | None:
    """What the ledger knows this browser's session by."""
    secret = request.cookies.get(cookie_name(https=https))
    return digest(secret) if secret else None


def hand_out(response: Response, secret: str, *, https: bool) -> None:
    """Give the browser its word. Lax: a link in a chat still finds its reader signed in."""
    response.set_cookie(
        cookie_name(https=https), secret, secure=https, httponly=True, samesite="Lax", path="/"
    )


def take_back(response: Response, *, https: bool) -> None:
    """Have the browser forget it."""
    response.delete_cookie(cookie_name(https=https), secure=https, httponly=True, samesite="Lax", path="/")
