"""Every channel keeps the port's promises; Slack is a real HTTP server that judges as Slack does."""

import logging
import re
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from notifications.apprise_channel import AppriseChannel
from notifications.channels import Channel, LogChannel
from notifications.errors import ChannelError, ChannelRefused, ChannelUnavailable
from notifications.message import Ask, Line
from notifications.opened import open_channels
from notifications.settings import NotificationSettings
from notifications.slack import SlackChannel
from notifications.slack_blocks import blocks, fallback
from notifications.slack_text import escaped
from policies.verdicts import Outcome
from tests.notifications.bots import bot
from tests.notifications.samples import HOSTILE, MESSAGES, message


@pytest.fixture(params=["log", "slack by webhook", "slack by token", "apprise"])
def channel(request, slack, workspace, apprised) -> Channel:
    made = {
        "log": LogChannel,
        "slack by webhook": lambda: SlackChannel(slack.url),
        "slack by token": lambda: bot(workspace),
        "apprise": lambda: AppriseChannel("mail", apprised.url),
    }
    return made[request.param]()


@pytest.mark.parametrize("sent", MESSAGES)
def test_every_channel_takes_every_message(channel, sent, caplog, slack, workspace, apprised):
    with caplog.at_level(logging.INFO):
        assert channel.takes(sent)
        channel.send(sent)
    told = [record for record in caplog.records if record.name == "notifications.channels"]
    posted = workspace.space.channels["C0REVIEWS"]
    assert len(slack.received) + len(told) + len(posted) + len(apprised.received) == 1


def test_the_log_tells_title_why_and_what_is_asked_in_one_line(caplog):
    with caplog.at_level(logging.INFO):
        LogChannel().send(message(title=HOSTILE))
    (record,) = caplog.records
    assert "1 more approval is needed" in record.getMessage()
    assert "gatehouse approve taxi-fare 3" in record.getMessage()
    assert record.getMessage().isprintable()


def test_slack_gets_title_reasons_table_ask_and_link(slack):
    SlackChannel(slack.url).send(message())
    (body,) = slack.received
    kinds = [block["type"] for block in body["blocks"]]
    assert kinds == ["header", "section", "section", "section", "section", "rich_text", "context"]
    assert body["text"] == "taxi-fare 3 waits. 1 more approval is needed\n1 of 1 gate passed."
    assert body["blocks"][0]["text"]["text"] == "🙋 taxi-fare 3 waits"
    assert body["blocks"][2]["text"]["text"] == "rmse: 4.20, the champion's 4.35"
    assert body["blocks"][3]["text"]["text"] == "✅ accuracy: rmse was 4.20"
    command = body["blocks"][5]["elements"][0]["elements"][0]["text"]
    assert command == "gatehouse approve taxi-fare 3"
    assert (
        body["blocks"][6]["elements"][1]["text"]
        == "<http://gate.example/models/taxi-fare/3|Open in Gatehouse>"
    )


def test_nobodys_mark_up_but_ours_reaches_slack():
    hostile = message(
        title=HOSTILE,
        text=HOSTILE,
        channel=HOSTILE,
        lines=(Line(gate=HOSTILE, outcome=Outcome.FAIL, sentence=HOSTILE),),
        ask=Ask(what=HOSTILE, command=HOSTILE),
    )
    drawn = blocks(hostile)
    marked = [e for b in drawn if b["type"] == "context" for e in b["elements"] if e["type"] == "mrkdwn"]
    plain = [b["text"] for b in drawn if "text" in b] + drawn[-1]["elements"][:1]
    assert {text["type"] for text in plain} == {"plain_text"}
    assert not any(set("<>") & set(text["text"]) for text in plain)
    assert [m["text"] for m in marked] == ["<http://gate.example/models/taxi-fare/3|Open in Gatehouse>"]
    assert not set("<>") & set(fallback(hostile))


def test_gates_that_do_not_fit_are_counted():
    lines = tuple(Line(gate=f"g{i}", outcome=Outcome.FAIL, sentence="x" * 300) for i in range(100))
    texts = [b["text"]["text"] for b in blocks(message(lines=lines)) if b["type"] == "section"]
    shown = sum(text.count("❌") for text in texts)
    assert f"… and {100 - shown} more gates, on the page." in texts
    assert shown > 10


@given(text=st.text(), limit=st.integers(min_value=2, max_value=60))
def test_clipping_never_breaks_an_escape_and_never_exceeds_the_limit(text, limit):
    short = escaped(text, limit)
    assert len(short) <= limit
    assert not re.search(r"&(?!amp;|lt;|gt;)", short)


@pytest.mark.parametrize(
    ("mood", "error", "words"),
    [
        pytest.param("busy", ChannelUnavailable, "Slack answered 429: rate_limited", id="429"),
        pytest.param("down", ChannelUnavailable, "Slack answered 500: rollup_error", id="500"),
        pytest.param("gone", ChannelRefused, "404: no_service; make a new incoming webhook", id="404"),
        pytest.param("moved", ChannelRefused, "Slack answered 307: nothing", id="redirect"),
        pytest.param("odd", ChannelRefused, "200: <html>Sign in</html>", id="a login page is not ok"),
        pytest.param("hangs", ChannelUnavailable, "timed out", id="hangs"),
    ],
)
def test_slacks_answers_say_whether_to_try_again(slack, mood, error, words):
    slack.mood = mood
    with pytest.raises(error) as raised:
        SlackChannel(slack.url, timeout_s=1).send(message())
    assert words in str(raised.value)
    assert len(slack.received) == 1


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("7", 7.0), (None, None), ("soon", None), ("-3", None)],
    ids=["told", "not told", "no number", "negative"],
)
def test_slack_may_say_when_to_try_again(slack, told, seconds):
    slack.mood, slack.retry_after = "busy", told
    with pytest.raises(ChannelUnavailable) as raised:
        SlackChannel(slack.url).send(message())
    assert raised.value.retry_after == seconds


def test_nobody_listening_is_unavailable(slack):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{unused.getsockname()[1]}/services/T/B/s3cr3t"
        with pytest.raises(ChannelUnavailable, match="Slack could not be reached"):
            SlackChannel(nowhere).send(message())


@pytest.mark.parametrize("mood", ["ok", "busy", "gone", "down", "hangs", "echo"])
def test_the_webhooks_address_is_in_no_error_and_no_log_line(slack, mood, caplog):
    slack.mood = mood
    channel = SlackChannel(slack.url, timeout_s=1)
    said = repr(channel)
    with caplog.at_level(logging.DEBUG):
        try:
            channel.send(message())
        except ChannelError as error:
            said += str(error) + str(error.__cause__)
    assert slack.received
    assert "s3cr3t" not in said + caplog.text


def test_slack_is_open_only_where_a_webhook_is_set(slack, monkeypatch, tmp_path):
    monkeypatch.setenv("GATEHOUSE_HOME", str(tmp_path))
    monkeypatch.delenv("GATEHOUSE_SLACK_WEBHOOK_URL", raising=False)
    assert [c.name for c in open_channels(NotificationSettings(), None)] == ["log"]
    assert [c.name for c in open_channels(NotificationSettings(slack_webhook_url=""), None)] == ["log"]
    monkeypatch.setenv("GATEHOUSE_SLACK_WEBHOOK_URL", slack.url)
    opened = open_channels(NotificationSettings(), None)
    opened[1].send(message())
    assert len(slack.received) == 1


@pytest.mark.parametrize(
    "address",
    [
        "hooks.slack.com/services/s3cr3t",
        "ftp://x/s3cr3t",
        "https:///s3cr3t",
        "https://x y/s3cr3t",
        "https://h:0/s3cr3t",
    ],
)
def test_a_wrong_webhook_address_is_named_and_never_quoted(address):
    with pytest.raises(ValidationError, match="GATEHOUSE_SLACK_WEBHOOK_URL must be an address") as raised:
        NotificationSettings(slack_webhook_url=address)
    assert "s3cr3t" not in str(raised.value)


def test_a_wrong_console_address_is_refused():
    with pytest.raises(ValidationError, match="GATEHOUSE_CONSOLE_URL must be an http or https address"):
        NotificationSettings(console_url="gate.example")
