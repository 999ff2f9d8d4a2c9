"""What gunicorn runs: the receiver over the real ledger and the real bell."""

from ledger.engine import open_ledger
from ledger.migrate import check
from webhooks.receiver import create_app
from webhooks.settings import ReceiverSettings
from workers.bell import celery_bell

settings = ReceiverSettings()
engine = open_ledger(settings.url)
check(engine)
app = create_app(
    engine, celery_bell(settings.redis_url), secrets=settings.secrets(), workspaces=settings.workspaces
)
engine.dispose()
