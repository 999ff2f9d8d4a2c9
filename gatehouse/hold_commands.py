"""`gatehouse hold` and `gatehouse resume`: stop all moves of a model, or of all, and let them go on."""

from collections.abc import Callable
from typing import Any

import click

from gatehouse import pages
from gatehouse.terminal import at_the_terminal, json_option, who_option
from ledger import holds
from ledger.engine import reading
from ledger.holds import Hold
from workers import holding

_model = click.argument("model", required=False)
_all = click.option("--all", "everything", is_flag=True, help="All models.")
_why = click.option("--reason", required=True, metavar="TEXT", help="Why; it is told to everybody.")


@click.command(epilog="Example: gatehouse hold taxi-fare --as ada --reason 'fares look odd since noon'")
@_model
@_all
@click.option("--as", "name", metavar="NAME", help="Who you are.")
@click.option("--reason", metavar="TEXT", help="Why; it is told to everybody.")
@click.option("--list", "only_list", is_flag=True, help="Show what is held; change nothing.")
@json_option
def hold(model: str | None, *, only_list: bool, **given: Any) -> None:
    """Stop all moves of MODEL, or of --all models: no promotion, no archiving, no rollback, no broken glass.

    Versions are judged on, and approvals stay. A move that is under way is finished.
    """
    if only_list:
        _list(machine=given["machine"])
        return
    if not given["name"] or not given["reason"]:
        raise click.UsageError("say who you are and why: --as NAME --reason TEXT")
    _do(holding.hold, model, **given)


@click.command(epilog="Example: gatehouse resume taxi-fare --as ada --reason 'it was the weather'")
@_model
@_all
@who_option
@_why
@json_option
def resume(model: str | None, **given: Any) -> None:
    """Let the moves of MODEL, or of --all models, go on: what waited is looked at now."""
    _do(holding.resume, model, **given)


def _do(
    act: Callable[..., Hold], model: str | None, *, everything: bool, name: str, reason: str, machine: bool
) -> None:
    if bool(model) is everything:
        raise click.UsageError("name one model, or say --all")
    here = at_the_terminal()
    made = act(here.ledger, here.person(name), model, reason, here.now())
    here.ring()
    if machine:
        pages.as_json(_plain(made))
    else:
        done = "held: nothing of it is moved until" if made.verb == "hold" else "resumed:"
        after = "gatehouse resume" if made.verb == "hold" else "what waited is looked at now"
        click.echo(f"{model or holding.ALL} {done} {after}.")


def _list(*, machine: bool) -> None:
    with reading(at_the_terminal().ledger) as session:
        found = holds.all_in_force(session)
    if machine:
        pages.as_json([_plain(each) for each in found])
        return
    for each in found:
        click.echo(f"{each.model or holding.ALL}: {each}")
    if not found:
        click.echo("Nothing is held.")


def _plain(made: Hold) -> dict[str, Any]:
    return vars(made) | {"at": made.at.isoformat()}
