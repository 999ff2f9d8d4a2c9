"""The console for a WSGI server: `gunicorn console.wsgi:app`."""

from werkzeug.middleware.proxy_fix import ProxyFix

from console.app import create_app
from console.bell import ring
from console.settings import ConsoleSettings
from ledger.engine import open_ledger
from ledger.settings import LedgerSettings

settings = ConsoleSettings()
app = create_app(open_ledger(LedgerSettings().url), settings, ring=ring)
app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.console_proxies)  # type: ignore[method-assign]
