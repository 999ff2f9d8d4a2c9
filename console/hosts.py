"""The names that an open console answers to: a web page whose own name was rebound to our address is refused.

Browsers keep pages apart by the name in the address. Whoever owns a name can have it lead here, and their
page may then read what is open to read. With an OpenID provider nothing is; see docs/decisions/0070.
"""

import re
from urllib.parse import urlsplit

from flask import Flask, abort, request

from console.settings import ConsoleSettings

ALWAYS = frozenset({"localhost", "127.0.0.1", "[::1]"})
OPEN = {"static", "pages.healthz"}
"""Nothing of ours can be read there, and a prober may come by any name."""
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\s:/?#@\\\[\]]+)(?::[0-9]{1,5})?")
SHOWN = 200


def only_by_name(app: Flask, settings: ConsoleSettings) -> None:
    """Before anything else, refuse what was asked of a name that is not ours."""
    if settings.closed:
        return
    ours = ALWAYS | {name_of(urlsplit(settings.console_url).netloc.rpartition("@")[2])}

    def check() -> None:
        asked = request.headers.get("Host")
        # Without one it is no browser.
        if asked is not None and request.endpoint not in OPEN and name_of(asked) not in ours:
            abort(421, _refusal(asked, settings))

    app.before_request(check)


def name_of(host: str) -> str | None:
    """The name of a Host header, without its port; None for what is none."""
    found = _HOST.fullmatch(host.lower())
    return found[1].removesuffix(".") if found else None


def _refusal(asked: str, settings: ConsoleSettings) -> str:
    return (
        f"This console does not answer to '{asked[:SHOWN]}', but to localhost and to {settings.console_url}. "
        "If that is how people reach it, start it with its whole address in GATEHOUSE_CONSOLE_URL."
    )
