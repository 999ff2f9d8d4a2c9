"""`gatehouse token new|list|revoke`: tokens for scripts that call the API."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from console.roles import MEANING, Permission
from console.signin.tokens import Wanted, make_token, revoke_token
from gatehouse import pages
from gatehouse.failures import Exit
from gatehouse.own_ledger import own_ledger
from gatehouse.signin_commands import person_named, this_user
from ledger import tokens
from ledger.engine import reading
from ledger.tokens import Token

_machine = click.option("--json", "machine", is_flag=True, help="Print JSON.")


@click.group(epilog="Example: gatehouse token new ci --scope see --scope replay --days 30")
def token() -> None:
    """Tokens for scripts that call the API, each for some things and some time."""


@token.command(epilog="Example: gatehouse token new ci --scope see --scope replay --days 30")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([permission.value for permission in Permission]),
    multiple=True,
    default=[Permission.SEE.value],
    show_default=True,
    help="; ".join(f"{permission}: {meaning}" for permission, meaning in MEANING.items()),
)
@click.option(
    "--days", type=click.IntRange(1, 366), default=90, show_default=True, help="How long it is good."
)
@click.option("--note", default="", help="What it is for.")
@_machine
def new(name: str, *, scopes: tuple[str, ...], days: int, note: str, machine: bool) -> None:
    """Make a token that acts in NAME's name, and print it: the only time that it is shown."""
    wanted = Wanted(
        person_named(name), frozenset(map(Permission, scopes)), timedelta(days=days), this_user(), note
    )
    made, text = make_token(own_ledger(), wanted, datetime.now(UTC))
    if machine:
        pages.as_json(_plain(made) | {"token": text})
    else:
        click.echo(text)


@token.command("list", epilog="Example: gatehouse token list")
@_machine
def list_(*, machine: bool) -> None:
    """Every token that was made, newest first, without its secret."""
    with reading(own_ledger()) as session:
        made = tokens.all_made(session)
    if machine:
        pages.as_json([_plain(each) for each in made])
    elif made:
        _print(made)
    else:
        click.echo("No token was made yet. One is made with: gatehouse token new NAME")


@token.command(epilog="Example: gatehouse token revoke 1f0c9a77")
@click.argument("number")
@_machine
def revoke(number: str, *, machine: bool) -> None:
    """Revoke a token at once, by the NUMBER that list shows."""
    done = revoke_token(own_ledger(), number, by=this_user(), now=datetime.now(UTC))
    if machine:
        pages.as_json({"number": number, "revoked": done})
    else:
        click.echo("Revoked." if done else f"There is no token {number} that is still good.", err=not done)
    raise SystemExit(Exit.FINE if done else Exit.NO)


def _plain(made: Token) -> dict[str, Any]:
    times = {
        name: at.isoformat() if at else None
        for name, at in vars(made).items()
        if name in {"made", "until", "revoked"}
    }
    kept = {name: text for name, text in vars(made).items() if name != "digest"}
    return kept | times | {"scopes": sorted(made.scopes)}


def _print(made: Sequence[Token]) -> None:
    now = datetime.now(UTC)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("number", "name", "for", "until", "state", "made by", "note"):
        table.add_column(heading, overflow="fold")
    for each in made:
        state = "revoked" if each.revoked else "good" if each.good(now) else "ran out"
        words = (
            each.id,
            each.name,
            " ".join(sorted(each.scopes)),
            f"{each.until:%Y-%m-%d}",
            state,
            each.made_by,
            each.note,
        )
        table.add_row(*(escape(word) for word in words))
    pages.console().print(table)
