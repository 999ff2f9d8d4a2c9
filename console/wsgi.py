"""The console for a WSGI server: `gunicorn console.wsgi:app`."""

from console.app import create_app
from ledger.engine import open_ledger
from ledger.settings import LedgerSettings

app = create_app(open_ledger(LedgerSettings().url))
