"""`gatehouse ledger upgrade`: the one command beside `up` that may change the ledger's tables."""

import click

from ledger.engine import open_ledger
from ledger.migrate import HEAD, upgrade
from ledger.settings import LedgerSettings


@click.group()
def ledger() -> None:
    """Look after the ledger's database."""


@ledger.command("upgrade", epilog="Example: gatehouse ledger upgrade")
def upgrade_command() -> None:
    """Bring the ledger to this version; doing it twice does nothing."""
    ledger = open_ledger(LedgerSettings().url)
    click.get_current_context().call_on_close(ledger.dispose)
    upgrade(ledger)
    click.echo(f"The ledger is at schema {HEAD}.")
