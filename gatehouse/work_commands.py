"""`gatehouse retry`: takes up again what was given up, and hurries what waits for its next try."""

from datetime import UTC, datetime

import click

from gatehouse import pages
from gatehouse.failures import Exit
from gatehouse.own_ledger import own_ledger
from ledger import outbox, work
from ledger.engine import reading, writing
from ledger.outbox import GivenUp
from ledger.work import Problem


@click.command(epilog="Example: gatehouse retry taxi-fare 3")
@click.argument("model", required=False)
@click.argument("version", type=click.IntRange(min=1), required=False)
@click.option("--list", "only_list", is_flag=True, help="Show what there is; change nothing.")
@click.option("--json", "machine", is_flag=True, help="Print JSON.")
def retry(model: str | None, version: int | None, *, only_list: bool, machine: bool) -> None:
    """Look and send again: what was given up or waits for another try, of MODEL, of one VERSION, or of all.

    The workers find it within one sweep. Exit code 1: there was nothing.
    """
    ledger = own_ledger()
    if only_list:
        with reading(ledger) as session:
            troubled = list(work.problems(session, model, version).values())
            unsent = outbox.given_up(session, model, version)
    else:
        now = datetime.now(UTC)
        with writing(ledger) as session:
            troubled = work.retry(session, now, model, version)
            unsent = outbox.retry(session, now, model, version)
    if machine:
        pages.as_json(
            {"work": [vars(each) for each in troubled], "messages": [vars(each) for each in unsent]}
        )
    else:
        _print(troubled, unsent)
        if (troubled or unsent) and not only_list:
            click.echo("All of it is tried again now.")
    raise SystemExit(Exit.FINE if troubled or unsent else Exit.NO)


def _print(troubled: list[Problem], unsent: list[GivenUp]) -> None:
    if not troubled and not unsent:
        click.echo("Nothing was given up, and nothing waits for another try.")
    for each in troubled:
        state = "was given up" if each.given_up else "waited for its next try"
        click.echo(f"{each.model} {each.version} {state} after {_times(each.tries)}: {each.text}")
    for message in unsent:
        about = f"{message.model} {message.version or ''}".strip()
        tries = _times(message.tries)
        click.echo(f"a message by {message.via} on {about} was given up after {tries}: {message.text}")


def _times(tries: int) -> str:
    return "one try" if tries == 1 else f"{tries} tries"
