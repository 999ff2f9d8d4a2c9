"""The receiver as the plug-in sees it: one POST, and what its answer means.

A connection is made anew for each change: they are rare, and a kept one dies while nobody looks. Proxies of
the environment and redirects are not followed: a signed change goes where it was meant to or nowhere.
"""

import urllib.error
import urllib.request
from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPException
from typing import Any

from registry.server_plugin.errors import ChangeRefused, ReceiverUnavailable
from registry.server_plugin.settings import Settings
from registry.server_plugin.wire import Change, body_of, headers_of

TIMEOUT_S = 5.0
_REFUSED = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}
_HINTS: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "is GATEHOUSE_PLUGIN_SECRET the same there, and its clock right?",
    HTTPStatus.NOT_FOUND: "is GATEHOUSE_RECEIVER_URL a receiver that was given GATEHOUSE_PLUGIN_SECRET?",
}


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_named: Any) -> None:
        """Leave the answer as it is: an error."""


_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)


class Receiver:
    """Where changes are delivered to; `now` gives unix seconds."""

    def __init__(self, settings: Settings, now: Callable[[], float]) -> None:
        self.url = settings.url
        self._key = settings.key
        self._now = now

    def send(self, change: Change) -> None:
        """Deliver once; returns after a 2xx. Raises ReceiverUnavailable or ChangeRefused."""
        body = body_of(change)
        headers = headers_of(change.message_id, body, key=self._key, now=self._now())
        request = urllib.request.Request(self.url, body, headers, method="POST")  # noqa: S310 http(s) only, see settings
        try:
            with _opener.open(request, timeout=TIMEOUT_S):
                return
        except urllib.error.HTTPError as error:
            with error:
                raise self._told_by(error) from error
        except (OSError, HTTPException) as error:
            raise ReceiverUnavailable(f"{self.url} does not answer: {error}") from error

    def _told_by(self, error: urllib.error.HTTPError) -> ChangeRefused | ReceiverUnavailable:
        if error.code in _REFUSED:
            said = error.read(300).decode(errors="replace")
            return ChangeRefused(f"{self.url} answered {error.code}: {said}")
        hint = _HINTS.get(error.code, "it is asked again")
        return ReceiverUnavailable(f"{self.url} answered {error.code}: {hint}")
