"""Everything a worker works with, bound in one place (`workers.bootstrap`) and passed to plain functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from notifications.channels import Channel
from notifications.words import SHIPPED, Words
from policies.book import PolicyBook
from registry.port import Registry
from validation.sandbox import Sandbox

if TYPE_CHECKING:
    from notifications.slack_chat import SlackChat


@dataclass(frozen=True)
class Gatekeeper:
    """The tools of the gate: where truth is read and written, what measures, what tells, what time it is.

    `holder` names this process in locks; `ring` asks for a task by name.
    """

    registry: Registry
    ledger: Engine
    policies: Callable[[], PolicyBook]
    sandbox: Sandbox
    channels: tuple[Channel, ...]
    ring: Callable[[str], None]
    now: Callable[[], datetime]
    environ: Mapping[str, str]
    console_url: str
    holder: str
    product: str
    words: Words = SHIPPED
    """What messages are worded by."""
    chat: "SlackChat | None" = None
    """Who answers people that click in Slack."""
    ask_trainer: Callable[[Mapping[str, str]], None] = lambda _: None
    """Sends a request for a new candidate, which may be lost on the way."""
