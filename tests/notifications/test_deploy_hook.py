"""The documented receiver of events, as a process of its own, with our sender before it."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gatehouse.doctor.checks import CLICK_SCOPES, SCOPES
from notifications.errors import ChannelRefused
from notifications.webhook import WebhookChannel
from tests.notifications.test_outgoing_webhooks import event
from webhooks.slack_interactions import PATH

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
SECRET, OTHER = ("whsec_" + base64.b64encode(bytes([n]) * 32).decode() for n in (3, 4))


@pytest.fixture
def deployer():
    words = [sys.executable, str(EXAMPLES / "deploy_hook.py"), "0"]
    environment = os.environ | {"DEPLOY_SECRET": SECRET}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment) as process:
        yield process
        process.terminate()


def test_it_deploys_what_is_promoted_or_comes_back_once_and_believes_nobody_else(deployer):
    url = deployer.stdout.readline().split()[-1]
    hook = WebhookChannel("deploy", url, [SECRET])
    for sent in (event(), event(), event("decision.taken"), event("version.rolled_back", version=2)):
        hook.send(sent)
    with pytest.raises(ChannelRefused, match="answered 401"):
        WebhookChannel("forger", url, [OTHER]).send(event("version.moved"))
    deployer.terminate()
    assert deployer.stdout.read().splitlines() == [
        "deploying taxi-fare 3 from models:/m-1", "deploying taxi-fare 2 from models:/m-1",
    ]  # fmt: skip


def test_the_slack_app_asks_for_the_scopes_that_are_wanted_and_knows_where_clicks_go():
    app = json.loads((EXAMPLES / "slack-app.json").read_text())
    assert set(app["oauth_config"]["scopes"]["bot"]) == SCOPES | CLICK_SCOPES | {"groups:history"}
    assert app["settings"]["interactivity"]["request_url"].endswith(PATH)
