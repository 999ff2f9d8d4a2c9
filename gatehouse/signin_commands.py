"""`gatehouse signin|signout`: one-time links to the console, and the end of somebody's sessions."""

import getpass
import os
from datetime import UTC, datetime

import click

from console.roles import NAMED, Role
from console.settings import ConsoleSettings
from console.signin.entering import LINK_LASTS, leave_everywhere, make_link
from gatehouse import pages
from gatehouse.own_ledger import own_ledger
from ledger.signin_links import Link
from policies.names import tidy, unfit_name

_name = click.argument("name")
_machine = click.option("--json", "machine", is_flag=True, help="Print JSON.")


@click.command(epilog="Example: gatehouse signin grace --role operator")
@_name
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role if role not in NAMED]),
    default=Role.VIEWER.value,
    show_default=True,
    help="What they may do; who reviews and who breaks a glass is the policies' matter.",
)
@_machine
def signin(name: str, *, role: str, machine: bool) -> None:
    """Print a link that signs NAME in at the console: once, within a quarter of an hour."""
    link = Link(person_named(name), role)
    url = make_link(own_ledger(), link, console_url=ConsoleSettings().console_url, now=datetime.now(UTC))
    if machine:
        pages.as_json({"name": link.name, "role": role, "url": url, "seconds": LINK_LASTS.seconds})
    else:
        click.echo(url)


@click.command(epilog="Example: gatehouse signout grace")
@_name
@_machine
def signout(name: str, *, machine: bool) -> None:
    """End every session of NAME, and void their links. Tokens: gatehouse token revoke."""
    count = leave_everywhere(own_ledger(), person_named(name), datetime.now(UTC), by="the command line")
    if machine:
        pages.as_json({"name": name, "ended": count})
    else:
        click.echo(f"{count} {'session' if count == 1 else 'sessions'} ended.")


def person_named(text: str) -> str:
    """A name as it is kept. Raises UsageError for what is none."""
    if why := unfit_name(text):
        raise click.UsageError(why)
    return tidy(text)


def this_user() -> str:
    """Whoever types; in a container it may be a number without a name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"
