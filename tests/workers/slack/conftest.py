"""A gate with a Slack app, and the receiver's door for its clicks."""

from dataclasses import replace

import pytest

from notifications.slack_api import SlackApi
from notifications.slack_bot import SlackBot
from notifications.slack_chat import SlackChat
from tests.notifications.fake_slack.clicks import SECRET, signed
from tests.notifications.fake_slack.server import FakeSlack
from tests.notifications.fake_slack.workspace import TOKEN
from tests.webhooks.senders import SECRETS
from webhooks.receiver import create_app
from webhooks.slack_interactions import PATH, slack_interactions
from workers.threads import LedgerMemory

ASKS = """\
policy: asks
models: [asks]
transitions:
  - from: staging
    to: production
    gates:
      - {logged_metric: val_rmse, max: 5.0}
    approvals:
      - {count: 1, from: [pricing], expires: 72h}
      - {count: 1, from: [risk]}
    on_pass: [{transition: production, archive_existing: true}]
"""


REVIEWERS = """\
groups:
  pricing: [grace, ada, eve@example.com]
  risk: [linus@example.com]
"""


PEOPLE = {"U0GRACE": "grace", "ada@example.com": "ada"}


@pytest.fixture
def fake(monkeypatch):
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    slack = FakeSlack()
    for user, email in {
        "U0GRACE": "",
        "U0ADA": "ada@example.com",
        "U0LINUS": "Linus@example.com",
        "U0EVE": "eve@example.com",
        "U0BOB": "bob@example.com",
    }.items():
        slack.space.add_person(user, email)
    yield slack
    slack.close()


@pytest.fixture
def gate(keeper, fake, policies, clock):
    """The gatekeeper with Slack, and the receiver beside it."""
    (policies / "asks.yaml").write_text(ASKS)
    (policies / "reviewers.yaml").write_text(REVIEWERS)
    api = SlackApi(TOKEN, url=fake.url)
    bot = SlackBot(api, {"": "C0REVIEWS"}, LedgerMemory(keeper.ledger, clock), clickable=True)
    return replace(keeper, channels=(bot,), chat=SlackChat(api, PEOPLE, url=fake.url))


@pytest.fixture
def door(gate, fake, rung):
    class Bell:
        def ring(self, task):
            rung.append(task)

    app = create_app(gate.ledger, Bell(), secrets=SECRETS)
    api = SlackApi(TOKEN, url=fake.url)
    app.register_blueprint(
        slack_interactions(gate.ledger, Bell(), secrets=[SECRET], open_view=api.open_view, now=gate.now)
    )
    client = app.test_client()

    def deliver(payload):
        body, headers = signed(payload, at=gate.now().timestamp())
        return client.post(PATH, data=body, headers=headers)

    return deliver
