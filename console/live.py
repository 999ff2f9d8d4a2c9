"""Server-sent events for open pages: each says only that the page is to be drawn anew."""

import queue
from collections.abc import Iterator
from time import monotonic

from flask import Blueprint, Response, abort, current_app, request

from console.watcher import Listener, TooManyPages, Watcher
from ledger.changes import read

live = Blueprint("live", __name__)

STILL_HERE_S = 20.0
"""So often a line goes out that says nothing: a page that is gone is noticed by it."""
LASTS_S = 600.0
"""Then the browser comes again by itself, and is asked again who it is."""


@live.get("/changes")
def changes() -> Response:
    """A stream of events named `changed`, of one model or of all, each with the place that it happened at."""
    watcher: Watcher = current_app.config["WATCHER"]
    after = request.headers.get("Last-Event-ID") or request.args.get("after", "")
    try:
        listener = watcher.listen(request.args.get("model") or None, read(after))
    except TooManyPages:
        abort(503, "Too many pages are open to tell this one of changes; it can still be loaded again.")
    answer = Response(_told(watcher, listener), mimetype="text/event-stream")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def _told(watcher: Watcher, listener: Listener) -> Iterator[str]:
    until = monotonic() + LASTS_S
    try:
        yield "retry: 5000\n\n"
        while monotonic() < until:
            try:
                yield f"event: changed\nid: {listener.changed.get(timeout=STILL_HERE_S)}\ndata:\n\n"
            except queue.Empty:
                yield ": still here\n\n"
    finally:
        watcher.leave(listener)
