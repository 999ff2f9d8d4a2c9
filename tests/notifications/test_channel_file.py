"""The channels file: every mistake as file:line:column, and no value of it in any error."""

import base64

import pytest

from notifications.channel_file import ChannelsInvalid, read_channels
from notifications.errors import ChannelRefused
from notifications.opened import open_channels
from notifications.settings import NotificationSettings
from tests.notifications.bots import Kept

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
GOOD = f"""\
slack:
  channels: {{reviewers: C0REVIEWS, "#pricing": C0PRICING}}
  people: {{U0GRACE: grace, ada@example.com: ada}}
apprise:
  pricing-mail: {{url: "json://me:s3cr3t@127.0.0.1:1/", channels: ["#pricing"]}}
webhooks:
  deploy: {{url: "https://ci.example/hooks/s3cr3t", secrets: [{SECRET}], events: [version.promoted]}}
"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "channels.yaml"
        path.write_text(text)
        return path

    return write


def test_what_it_names_is_opened(written, monkeypatch, tmp_path):
    monkeypatch.setenv("GATEHOUSE_HOME", str(tmp_path))
    settings = NotificationSettings(channels=written(GOOD), slack_bot_token="xoxb-1", slack_channel="C0OTHER")
    opened = open_channels(settings, Kept())
    assert [channel.name for channel in opened] == ["log", "slack", "pricing-mail", "deploy"]
    assert "s3cr3t" not in repr(opened) + repr(read_channels(written(GOOD)).apprise)


def test_without_one_there_is_the_log_alone(monkeypatch, tmp_path):
    monkeypatch.setenv("GATEHOUSE_HOME", str(tmp_path))
    assert [channel.name for channel in open_channels(NotificationSettings(), Kept())] == ["log"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("slack: {chanels: {}}", "1:9: unknown key 'chanels', did you mean 'channels'?"),
        ("slack:\n  channels: {reviewers: '#s3cr3t'}", "2:25: this is no channel of Slack, write its id"),
        ("apprise: {Log!: {url: 'json://s3cr3t'}}", ": this cannot be a channel's name"),
        ("apprise: {log: {url: 'json://s3cr3t'}}", ": this cannot be a channel's name"),
        ("apprise: {mail: {url: s3cr3t}}", "1:23: this is no address, write one of Apprise's"),
        ("apprise: {mail: {url: {a: s3cr3t}}}", "1:23: this is no address"),
        ("webhooks: {ci: {url: 'ftp://s3cr3t', secrets: [x]}}", "1:22: this is no address"),
        ("webhooks: {ci: {url: 'https://x', secrets: [s3cr3t]}}", "1:45: this is no secret, write whsec_"),
        ("webhooks: {ci: {url: 'https://x', secrets: [whsec_czNjcjN0]}}", "1:45: this is no secret"),
        ("webhooks: {ci: {url: 'https://x', secrets: whsec_s3cr3t}}", "1:44: a list is due here"),
        (f"webhooks: {{ci: {{url: 'https://x', secrets: [{SECRET}], events: [version.promote]}}}}", "did you mean 'version.promoted'?"),
        (f"apprise: {{ci: {{url: 'json://s3cr3t'}}}}\nwebhooks: {{ci: {{url: 'https://x', secrets: [{SECRET}]}}}}", "'ci' names two channels"),
        ("apprise: [s3cr3t", ""),
        ("s3cr3t", ""),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place_and_nothing_is_quoted(written, text, said):
    with pytest.raises(ChannelsInvalid) as raised:
        read_channels(written(text))
    assert said in str(raised.value)
    assert "channels.yaml:" in str(raised.value)
    assert "s3cr3t" not in str(raised.value)
    assert "czNjcjN0" not in str(raised.value)


def test_a_file_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(ChannelsInvalid, match="cannot be read"):
        read_channels(tmp_path / "nowhere.yaml")


def test_an_address_that_apprise_cannot_read_is_said_so_by_its_name(written, monkeypatch, tmp_path):
    monkeypatch.setenv("GATEHOUSE_HOME", str(tmp_path))
    settings = NotificationSettings(channels=written("apprise: {mail: {url: 'nosuch://s3cr3t'}}"))
    with pytest.raises(ChannelRefused, match="cannot read the address of the channel 'mail'") as raised:
        open_channels(settings, Kept())
    assert "s3cr3t" not in str(raised.value)


def test_without_apprise_it_is_said_how_to_install_it(written, monkeypatch, tmp_path):
    monkeypatch.setenv("GATEHOUSE_HOME", str(tmp_path))
    monkeypatch.setitem(__import__("sys").modules, "apprise", None)
    settings = NotificationSettings(channels=written("apprise: {mail: {url: 'json://s3cr3t'}}"))
    with pytest.raises(ChannelRefused, match=r"'mail' needs Apprise: pip install 'gatehouse\[apprise\]'"):
        open_channels(settings, Kept())
