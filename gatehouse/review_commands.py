"""`gatehouse approve`, `reject`, `withdraw`, `comment`, `request`: what a person says, from the terminal."""

from typing import Any

import click

from gatehouse import pages
from gatehouse.terminal import (
    at_the_terminal,
    json_option,
    model_argument,
    version_argument,
    who_option,
)
from ledger.judgements import Judgement
from policies.people import Act
from policies.verdicts import Vote
from workers.review import review

_seen = click.option(
    "--seen", metavar="MARK", help="What `requests` or `explain` showed: refused if it has changed since."
)


_note = click.option("--comment", default="", metavar="TEXT", help="Kept with it.")
_why = click.option("--comment", required=True, metavar="TEXT", help="Why; kept with it.")


@click.command(epilog="Example: gatehouse approve taxi-fare 3 --as grace --comment 'looks right'")
@model_argument
@version_argument
@who_option
@_note
@_seen
@json_option
def approve(model: str, version: int, **given: Any) -> None:
    """Approve MODEL VERSION, for exactly the evidence and the policy text in force."""
    _say(Vote.APPROVE, model, version, **given)


@click.command(epilog="Example: gatehouse reject taxi-fare 3 --as grace --comment 'JFK fares are off'")
@model_argument
@version_argument
@who_option
@_why
@_seen
@json_option
def reject(model: str, version: int, **given: Any) -> None:
    """Reject MODEL VERSION, saying why. One rejection is enough."""
    _say(Vote.REJECT, model, version, **given)


@click.command(epilog="Example: gatehouse withdraw taxi-fare 3 --as grace")
@model_argument
@version_argument
@who_option
@_note
@json_option
def withdraw(model: str, version: int, **given: Any) -> None:
    """Take back what you said of MODEL VERSION, as long as it is not decided."""
    _say(Vote.WITHDRAW, model, version, **given)


@click.command(epilog="Example: gatehouse comment taxi-fare 3 --as grace 'see TLC-812'")
@model_argument
@version_argument
@click.argument("comment")
@who_option
@json_option
def comment(model: str, version: int, **given: Any) -> None:
    """Say something of MODEL VERSION; it stands in the record and decides nothing."""
    _say(Vote.COMMENT, model, version, **given)


@click.command(epilog="Example: gatehouse request taxi-fare 3 --as grace --comment 'the figures were of May'")
@model_argument
@version_argument
@who_option
@_why
@json_option
def request(model: str, version: int, **given: Any) -> None:
    """Ask again about MODEL VERSION, which was rejected: it is judged anew, and all approvals begin anew."""
    _say(Vote.REQUEST, model, version, **given)


def _say(verb: Vote, model: str, version: int, **given: Any) -> None:
    here = at_the_terminal()
    shown = here.shown(model, version, given.get("seen"))
    act = Act(model=model, version=version, verb=verb, comment=given["comment"], shown=shown)
    before = review(here.ledger, here.book, here.person(given["name"]), act, here.now())
    here.ring()
    if not given["machine"]:
        waits = "" if verb is Vote.COMMENT else " Waiting for the workers ..."
        click.echo(f"Recorded: {verb} by {given['name']}.{waits}")
    after = None if verb is Vote.COMMENT else here.next_after(before, model, version)
    answer(after, machine=given["machine"], awaited=verb is not Vote.COMMENT)


def answer(after: Judgement | None, *, machine: bool, awaited: bool = True) -> None:
    """Print what came of an act."""
    if machine:
        plain = pages.judgement_json(after.evaluation, after.decision) if after else None
        pages.as_json({"recorded": True, "judged": plain})
    elif after is not None:
        click.echo(f"{after.decision.answer}: {'; '.join(after.decision.reasons)}")
    elif awaited:
        click.echo("It is kept; no worker has decided anything else yet. See: gatehouse status")
