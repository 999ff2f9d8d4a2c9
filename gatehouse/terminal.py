"""Who is at the terminal, and what commands of people share: ledger, policies, the bell, the answer."""

import os
import pwd
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

import click
from sqlalchemy import Engine

from gatehouse.own_ledger import own_ledger
from ledger import judgements
from ledger.engine import reading
from ledger.judgements import Judgement
from policies.book import PolicyBook
from policies.people import Person, Route, Shown
from workers.in_force import read_in_force
from workers.review import Outdated
from workers.settings import WorkerSettings

ANSWER_S = 30.0
"""How long to wait for the workers to take it up; it is recorded either way."""

model_argument = click.argument("model")
version_argument = click.argument("version", type=click.IntRange(min=1))
who_option = click.option("--as", "name", required=True, metavar="NAME", help="Who you are.")
json_option = click.option("--json", "machine", is_flag=True, help="Print JSON.")


@dataclass(frozen=True)
class Terminal:
    """The command line's way to the ledger. Its proof of who somebody is: they may open the ledger."""

    settings: WorkerSettings

    @cached_property
    def ledger(self) -> Engine:
        """The ledger. Raises LedgerRefused for one of another version."""
        return own_ledger()

    @cached_property
    def book(self) -> PolicyBook:
        """The policies in force, and who the reviewers are."""
        return read_in_force(self.ledger, self.settings.policies)

    def person(self, name: str) -> Person:
        """Whoever says to be NAME; what is known is the operating system's user."""
        user = pwd.getpwuid(os.getuid()).pw_name
        return Person(name=name, route=Route.TERMINAL, account=f"{user}@{socket.gethostname()}")

    def now(self) -> datetime:
        """The time."""
        return datetime.now(UTC)

    def shown(self, model: str, version: int, seen: str | None) -> Shown | None:
        """What stands now, if it is what somebody has seen. Raises Outdated."""
        if seen is None:
            return None
        judged = self.latest(model, version)
        shown = Shown.of(judged.evaluation) if judged else None
        if shown is not None and not shown.mark.startswith(seen):
            raise Outdated(
                f"{model} {version} is no longer what you have seen as {seen}: it is {shown.mark} now"
            )
        return shown

    def latest(self, model: str, version: int) -> Judgement | None:
        """The decision in force."""
        with reading(self.ledger) as session:
            return judgements.latest(session, model, version)

    def ring(self) -> None:
        """Ask for a look."""
        from workers.bell import celery_bell  # whoever only asks need not wait for Celery
        from workers.queue import LOOK

        bell = celery_bell(self.settings.redis_url)
        bell.ring(LOOK)
        bell.flush()

    def next_after(
        self,
        before: Judgement | None,
        model: str,
        version: int,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> Judgement | None:
        """The decision that follows, if it comes soon."""
        deadline = time.monotonic() + ANSWER_S
        while time.monotonic() < deadline:
            latest = self.latest(model, version)
            if latest is not None and (before is None or latest.id != before.id):
                return latest
            sleep(0.2)
        return None


def at_the_terminal() -> Terminal:
    """As the settings say."""
    return Terminal(WorkerSettings())
