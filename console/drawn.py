"""What every view needs: the ledger, the clock, a template filled in, and numbers out of an address."""

from datetime import datetime

from flask import current_app, render_template
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from console.mlflow_links import MlflowLinks
from console.policy_folder import PolicyFolder
from console.settings import ConsoleSettings
from ledger.changes import place, written
from policies.book import PolicyBook
from workers.in_force import read_in_force

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


def book() -> PolicyBook:
    """The policies in force; a change needs no restart."""
    folder: PolicyFolder = current_app.config["POLICIES"]
    return read_in_force(ledger(), settings().policies, folder.load)


def settings() -> ConsoleSettings:
    """What this app was started with."""
    known: ConsoleSettings = current_app.config["SETTINGS"]
    return known


def drawn(template: str, **found: object) -> str:
    """A page; `live` in what was found names the model whose changes it is to be drawn anew for."""
    url = settings().mlflow_url
    return render_template(template, now=now(), mlflow=MlflowLinks(url) if url else None, **found)


def here(session: Session) -> str:
    """Where the ledger ends in this view of it: an open page is told of what comes after."""
    return written(place(session))


def row_id(text: str) -> int:
    """A row, a page or a version; Flask takes a ValueError for an argument that was not given."""
    if not 0 <= (number := int(text)) <= LARGEST:
        raise ValueError("nothing has this number")
    return number
