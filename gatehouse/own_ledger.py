"""The ledger of one command: of this version, and closed when the command ends, however it ends."""

import click
from sqlalchemy import Engine

from ledger.engine import open_ledger
from ledger.migrate import check
from ledger.settings import LedgerSettings


def own_ledger() -> Engine:
    """The ledger that the settings name. Raises LedgerRefused, LedgerUnavailable; needs a running command."""
    ledger = open_ledger(LedgerSettings().url)
    click.get_current_context().call_on_close(ledger.dispose)
    check(ledger)
    return ledger
