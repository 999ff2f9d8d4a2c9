"""The console for a WSGI server: `gunicorn console.wsgi:app`."""

from werkzeug.middleware.proxy_fix import ProxyFix

from console.app import create_app
from console.bell import ring
from console.settings import ConsoleSettings
from ledger.engine import open_ledger
from ledger.settings import LedgerSettings

settings = ConsoleSettings()
app = create_app(open_ledger(LedgerSettings().url), settings, ring=ring)
# That it is https is known by the settings: a proxy's word on it would bring its own name for us with it.
app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.console_proxies, x_proto=0)  # type: ignore[method-assign]
