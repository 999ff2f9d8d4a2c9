"""What gunicorn runs: the receiver over the real ledger and the real bell."""

from collections.abc import Callable, Sequence

import gevent

from ledger.engine import open_ledger
from ledger.migrate import check
from notifications.settings import SlackSettings
from notifications.slack_api import SlackApi
from webhooks.dialects import parts
from webhooks.receiver import create_app, utc_now
from webhooks.settings import ReceiverSettings
from webhooks.slack_interactions import VIEW_TIMEOUT_S, slack_interactions
from webhooks.take import Incoming, Store, Taken
from workers.bell import celery_bell


def in_a_thread(store: Store, group: Sequence[Incoming]) -> list[Taken]:
    """Commit in a real thread: the disk, and a ledger held by another process, stop no other greenlet."""
    stored: list[Taken] = gevent.get_hub().threadpool.apply(store, (group,))
    return stored


def kept_in_a_thread(store: Callable[[], bool]) -> bool:
    """The same for a click."""
    kept: bool = gevent.get_hub().threadpool.apply(store)
    return kept


settings = ReceiverSettings()
engine = open_ledger(settings.url)
check(engine)
told = SlackSettings()
bell = celery_bell(settings.redis_url)
app = create_app(
    engine,
    bell,
    secrets=settings.secrets(),
    workspaces=settings.workspaces,
    aside=in_a_thread,
)
if told.slack_signing_secret is not None and told.slack_bot_token is not None:
    api = SlackApi(told.slack_bot_token.get_secret_value(), url=told.slack_api_url, timeout_s=VIEW_TIMEOUT_S)
    app.register_blueprint(
        slack_interactions(
            engine,
            bell,
            secrets=parts(told.slack_signing_secret),
            open_view=api.open_view,
            now=utc_now,
            aside=kept_in_a_thread,
        )
    )
engine.dispose()
