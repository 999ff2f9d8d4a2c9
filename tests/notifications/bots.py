"""SlackBot over the fake Slack, with a memory of its own."""

from datetime import UTC, datetime

from notifications.slack_api import SlackApi
from notifications.slack_bot import SlackBot
from tests.notifications.fake_slack.workspace import TOKEN

SINCE = datetime(2023, 11, 14, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n and so on"


class Kept:
    """What the workers keep in the ledger."""

    def __init__(self):
        self.shown = {}
        self.plots = {}

    def threads(self, model, version):
        return [thread for (m, v, _), thread in self.shown.items() if (m, v) == (model, version)]

    def keep(self, model, version, thread):
        self.shown[model, version, thread.channel] = thread

    def forget(self, model, version, channel):
        self.shown.pop((model, version, channel), None)

    def plot(self, evaluation):
        return self.plots.get(evaluation)


def bot(workspace, memory=None, *, clickable=True, places=None, timeout_s=5):
    api = SlackApi(TOKEN, url=workspace.url, timeout_s=timeout_s)
    return SlackBot(api, places or {"": "C0REVIEWS"}, memory or Kept(), clickable=clickable)
