"""Apprise: what it is told, what it takes, and that its address stays secret."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.apprise_channel import AppriseChannel
from notifications.errors import ChannelUnavailable
from notifications.plain_text import plain_body, plain_title
from tests.notifications.samples import HOSTILE, longest, message


def test_it_tells_title_why_ask_figures_link_and_verdicts(apprised):
    AppriseChannel("mail", apprised.url).send(message())
    (told,) = apprised.received
    assert told["title"] == "taxi-fare 3 waits"
    parts = told["message"].split("\n\n")
    assert parts == [
        "1 more approval is needed\n1 of 1 gate passed.",
        "Approval asked of pricing (1)\ngatehouse approve taxi-fare 3",
        "rmse: 4.20, the champion's 4.35",
        "http://gate.example/models/taxi-fare/3",
        "pass: accuracy: rmse was 4.20",
    ]


def test_it_takes_what_is_for_its_people(apprised):
    some = AppriseChannel("mail", apprised.url, ["#pricing"])
    assert some.takes(message())
    assert not some.takes(message(channel="owners"))
    assert not some.takes(message(quiet=True))
    assert AppriseChannel("mail", apprised.url).takes(message(channel="owners"))


@pytest.mark.parametrize("status", [429, 500, 404])
def test_a_no_is_worth_another_try_and_never_says_the_address(apprised, status, caplog):
    apprised.status = status
    channel = AppriseChannel("mail", apprised.url)
    said = repr(channel)
    refused = pytest.raises(ChannelUnavailable, match="'mail' was not told")
    with caplog.at_level(logging.DEBUG), refused as raised:
        channel.send(message())
    said += str(raised.value) + repr(raised.value.__cause__)
    assert "s3cr3t" not in said + caplog.text


@given(st.text(), st.text(max_size=200))
def test_nothing_calls_people_together(title, text):
    calls = "@everyone @here <!channel> <@U1> [x](http://evil)"
    told = message(title=f"{calls}{title}", text=f"{text}{calls}", model=text)
    for said in (plain_title(told), plain_body(told)):
        assert not any(call in said for call in ("@everyone", "@here", "<!", "<@", "]("))


@pytest.mark.parametrize("text", ["n", "🚕", "\u05d0\u202e"])
def test_the_longest_message_is_held_to_a_length(text):
    assert len(plain_title(longest(text))) <= 200
    assert len(plain_body(longest(text))) < 40_000
    assert "\u202e" not in plain_body(longest(text))


def test_a_title_is_one_line():
    assert "\n" not in plain_title(message(title=HOSTILE))
