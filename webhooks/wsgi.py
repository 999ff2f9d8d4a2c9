"""What gunicorn runs: the receiver over the real ledger and the real bell."""

from collections.abc import Sequence

import gevent

from ledger.engine import open_ledger
from ledger.migrate import check
from webhooks.receiver import create_app
from webhooks.settings import ReceiverSettings
from webhooks.take import Incoming, Store, Taken
from workers.bell import celery_bell


def in_a_thread(store: Store, group: Sequence[Incoming]) -> list[Taken]:
    """Commit in a real thread: the disk, and a ledger held by another process, stop no other greenlet."""
    stored: list[Taken] = gevent.get_hub().threadpool.apply(store, (group,))
    return stored


settings = ReceiverSettings()
engine = open_ledger(settings.url)
check(engine)
app = create_app(
    engine,
    celery_bell(settings.redis_url),
    secrets=settings.secrets(),
    workspaces=settings.workspaces,
    aside=in_a_thread,
)
engine.dispose()
