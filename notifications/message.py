"""Message: what people are told, told once.

A value in plain words without any channel's mark-up; each channel escapes and draws it in its own way.
"""

import hashlib
import json
from enum import StrEnum
from urllib.parse import quote

from notifications.events import Event
from policies.people import Shown
from policies.verdicts import Outcome, Severity
from registry.words import Value


class MessageKind(StrEnum):
    """What the message is about."""

    ASKED = "asked"
    PROMOTED = "promoted"
    REJECTED = "rejected"
    HELD = "held"
    UNGUARDED = "unguarded"
    """No policy names the model: reported once, left alone."""
    PROBLEM = "problem"
    VOIDED = "voided"
    """Approvals that count no more, since what they were given for has changed."""
    OVERRIDE = "override"
    """Somebody whom the policy names has broken the glass: a promotion against gates or reviewers."""
    PLOTTED = "plotted"
    """The picture of a judgement is there, for channels that show candidates."""
    EVENT = "event"
    """For machines."""


CARDS = {MessageKind.ASKED, MessageKind.PROMOTED, MessageKind.REJECTED, MessageKind.HELD}
"""What says how a candidate stands, as a whole."""


class Line(Value):
    """One row of the verdict table."""

    gate: str
    outcome: Outcome
    sentence: str
    severity: Severity = Severity.BLOCK


class Figure(Value):
    """One metric of candidate and champion, on the same rows or as their runs logged it; numbers in words."""

    metric: str
    candidate: str
    champion: str


class Ask(Value):
    """What is asked of whom, and the exact command that answers."""

    what: str
    command: str

    def __str__(self) -> str:
        return f"{self.what}: {self.command}"


class Message(Value):
    """One thing to tell.

    `key` is the same for the same fact however often the work ran, and unique among facts and channels.
    `channel` is a policy's target, such as "#pricing" or "author"; `link` a page of the console. A `quiet`
    message tells nobody anything: it is for channels that show a candidate, so that they show it as it is.
    """

    key: str
    channel: str
    kind: MessageKind
    title: str
    text: str
    lines: tuple[Line, ...] = ()
    model: str
    version: int | None = None
    ask: Ask | None = None
    link: str | None = None
    figures: tuple[Figure, ...] = ()
    shown: Shown | None = None
    """What a vote that this message leads to is bound to."""
    evaluation: str | None = None
    """The digest of what it shows: its plot's name."""
    quiet: bool = False
    event: Event | None = None

    @property
    def is_card(self) -> bool:
        """Whether it says how one candidate stands, as a whole."""
        return self.kind in CARDS and self.version is not None and self.shown is not None


def one_line(name: str) -> str:
    """A name as it stands in a title, which it must not end before its end."""
    return " ".join(name.splitlines()) or name


def fact_key(*facts: object) -> str:
    """The key of a message: a digest of the facts it tells, so the same fact is told once."""
    return hashlib.sha256(json.dumps([f if f is None else str(f) for f in facts]).encode()).hexdigest()


def quote_model(name: str) -> str:
    """A registered model's name as one segment of a path.

    Quoted twice: a server undoes one quoting before it routes, and a slash or a dot-only name must not be
    taken for a way through the site.
    """
    once = quote(name, safe="")
    return quote(once if once.strip(".") else once.replace(".", "%2E"), safe="")


def page_of(console_url: str, model: str, version: int | None = None) -> str:
    """The console's page of a model, or of one version of it."""
    page = f"{console_url.rstrip('/')}/models/{quote_model(model)}"
    return page if version is None else f"{page}/{version}"


def report_of(console_url: str, model: str, version: int) -> str:
    """The page at which the console shows the report of the decision in force."""
    return f"{page_of(console_url, model, version)}/report"
