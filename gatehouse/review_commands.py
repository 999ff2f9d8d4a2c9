"""`gatehouse approve` and `gatehouse reject`: a reviewer's vote from the terminal."""

import os
import pwd
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime

import click
from sqlalchemy import Engine

from gatehouse import pages
from ledger import judgements
from ledger.engine import open_ledger, reading
from ledger.judgements import Judgement
from ledger.migrate import check
from ledger.settings import LedgerSettings
from policies.people import Act, Person, Route
from policies.verdicts import Vote
from workers.bell import celery_bell
from workers.in_force import read_in_force
from workers.queue import LOOK
from workers.review import review
from workers.settings import WorkerSettings

ANSWER_S = 30.0
"""How long to wait for the workers to take the vote up; it is recorded either way."""

_model = click.argument("model")
_version = click.argument("version", type=click.IntRange(min=1))
_who = click.option("--as", "reviewer", required=True, metavar="NAME", help="Who you are.")
_machine = click.option("--json", "machine", is_flag=True, help="Print JSON.")


@click.command(epilog="Example: gatehouse approve taxi-fare 3 --as grace --comment 'looks right'")
@_model
@_version
@_who
@click.option("--comment", default="", help="Kept with the vote.")
@_machine
def approve(model: str, version: int, *, reviewer: str, comment: str, machine: bool) -> None:
    """Approve MODEL VERSION, for exactly the evidence that was shown."""
    act = Act(model=model, version=version, verb=Vote.APPROVE, comment=comment)
    _review(reviewer, act, machine=machine)


@click.command(epilog="Example: gatehouse reject taxi-fare 3 --as grace --comment 'JFK fares are off'")
@_model
@_version
@_who
@click.option("--comment", required=True, help="Why; kept with the vote.")
@_machine
def reject(model: str, version: int, *, reviewer: str, comment: str, machine: bool) -> None:
    """Reject MODEL VERSION, saying why."""
    act = Act(model=model, version=version, verb=Vote.REJECT, comment=comment)
    _review(reviewer, act, machine=machine)


def _review(name: str, act: Act, *, machine: bool) -> None:
    settings = WorkerSettings()
    ledger = open_ledger(LedgerSettings().url)
    check(ledger)
    book = read_in_force(ledger, settings.policies)
    before = review(ledger, book, _at_the_terminal(name), act, datetime.now(UTC))
    bell = celery_bell(settings.redis_url)
    bell.ring(LOOK)
    bell.flush()
    if not machine:
        click.echo(f"Recorded: {act.verb} by {name}. Waiting for the workers ...")
    after = _next(ledger, before, sleep=time.sleep)
    if machine:
        plain = pages.judgement_json(after.evaluation, after.decision) if after else None
        pages.as_json({"recorded": True, "judged": plain})
    elif after is None:
        click.echo("The vote is kept; no worker has taken it up yet. See: gatehouse status")
    else:
        click.echo(f"{after.decision.answer}: {'; '.join(after.decision.reasons)}")


def _at_the_terminal(name: str) -> Person:
    """The name is what they say; what is known is the operating system's user, who may open the ledger."""
    user = pwd.getpwuid(os.getuid()).pw_name
    return Person(name=name, route=Route.TERMINAL, account=f"{user}@{socket.gethostname()}")


def _next(ledger: Engine, before: Judgement, *, sleep: Callable[[float], None]) -> Judgement | None:
    """The decision that follows the vote, if it comes soon."""
    deadline = time.monotonic() + ANSWER_S
    while time.monotonic() < deadline:
        with reading(ledger) as session:
            latest = judgements.latest(session, before.model, before.version)
        if latest is not None and latest.id != before.id:
            return latest
        sleep(0.2)
    return None
