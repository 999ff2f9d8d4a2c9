"""`gatehouse approve` and `gatehouse reject`: a reviewer's vote from the terminal."""

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
from policies.verdicts import Vote
from workers.bell import celery_bell
from workers.in_force import read_in_force
from workers.queue import LOOK
from workers.review import vote
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
    _vote(model, version, (reviewer, Vote.APPROVE, comment), machine=machine)


@click.command(epilog="Example: gatehouse reject taxi-fare 3 --as grace --comment 'JFK fares are off'")
@_model
@_version
@_who
@click.option("--comment", required=True, help="Why; kept with the vote.")
@_machine
def reject(model: str, version: int, *, reviewer: str, comment: str, machine: bool) -> None:
    """Reject MODEL VERSION, saying why."""
    _vote(model, version, (reviewer, Vote.REJECT, comment), machine=machine)


def _vote(model: str, version: int, approval: tuple[str, Vote, str], *, machine: bool) -> None:
    settings = WorkerSettings()
    ledger = open_ledger(LedgerSettings().url)
    check(ledger)
    book = read_in_force(ledger, settings.policies)
    before = vote(ledger, book, model=model, version=version, approval=approval, now=datetime.now(UTC))
    bell = celery_bell(settings.redis_url)
    bell.ring(LOOK)
    bell.flush()
    if not machine:
        click.echo(f"Recorded: {approval[1]} by {approval[0]}. Waiting for the workers ...")
    after = _next(ledger, before, sleep=time.sleep)
    if machine:
        plain = pages.judgement_json(after.evaluation, after.decision) if after else None
        pages.as_json({"recorded": True, "judged": plain})
    elif after is None:
        click.echo("The vote is kept; no worker has taken it up yet. See: gatehouse status")
    else:
        click.echo(f"{after.decision.answer}: {'; '.join(after.decision.reasons)}")


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
