"""What every view needs: the ledger, the clock, a template filled in, and numbers out of an address."""

from datetime import datetime

from flask import current_app, render_template
from sqlalchemy import Engine

LARGEST = 2**31 - 1
"""Of a version or a row: what any database's integer holds."""


def ledger() -> Engine:
    """The ledger that this app shows."""
    engine: Engine = current_app.config["LEDGER"]
    return engine


def now() -> datetime:
    """The app's clock."""
    at: datetime = current_app.config["CLOCK"]()
    return at


def drawn(template: str, **found: object) -> str:
    """A page; `live` in what was found names the model whose changes it is to be drawn anew for."""
    return render_template(template, now=now(), **found)


def row_id(text: str) -> int:
    """A row, a page or a version; Flask takes a ValueError for an argument that was not given."""
    if not 0 <= (number := int(text)) <= LARGEST:
        raise ValueError("nothing has this number")
    return number
