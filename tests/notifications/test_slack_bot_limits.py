"""Whatever things are called, what the bot sends is what Slack takes."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifications.message import Ask, Figure, Line, MessageKind, page_of
from notifications.slack_blocks import blocks, fallback, reply
from notifications.slack_buttons import buttons, read_subject
from policies.verdicts import Outcome
from tests.notifications.bots import PNG
from tests.notifications.fake_slack.limits import faults_of
from tests.notifications.samples import longest, message


@pytest.mark.parametrize(
    "text", ["n", "&", "🚕", "\u05d0\u202e"], ids=["letters", "escaped", "emoji", "right to left"]
)
def test_the_longest_names_keep_slacks_limits_with_a_picture_and_as_an_answer(slack_bot, kept, space, text):
    sent = longest(text)
    slack_bot.send(sent)
    kept.plots["d" * 64] = PNG
    slack_bot.send(sent.model_copy(update={"kind": MessageKind.PLOTTED, "quiet": True, "title": text * 3000}))
    slack_bot.send(sent.model_copy(update={"key": "again"}))
    (head,) = space.heads()
    assert len(space.thread(head)) == 1
    # A name that no button has room for is still asked about: by the command.
    assert any(block["type"] == "rich_text" for block in head["blocks"])


NAMES = st.text(max_size=40).flatmap(lambda part: st.integers(0, 80).map(lambda times: part * times))


LINES = st.lists(st.tuples(NAMES, st.sampled_from(Outcome), NAMES), max_size=40)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    title=NAMES,
    text=NAMES,
    model=NAMES,
    lines=LINES,
    asked=NAMES,
    plot=st.booleans(),
    clickable=st.booleans(),
)
def test_whatever_the_names_slacks_limits_and_mark_up_are_kept(
    title, text, model, lines, asked, plot, clickable
):
    sent = message(
        title=title, text=text, model=model, channel=model,
        lines=[Line(gate=gate, outcome=outcome, sentence=said) for gate, outcome, said in lines],
        ask=Ask(what=asked, command=asked), figures=[Figure(metric=model, candidate=text, champion=text)] * 9,
        link=page_of("http://gate.example", model or "m", 3),
    )  # fmt: skip
    drawn = blocks(sent, plot="F1" if plot else None, clickable=clickable)
    assert faults_of({"text": fallback(sent), "blocks": drawn}, {"F1"}) == []
    assert faults_of({"text": fallback(sent), "blocks": reply(sent)}) == []
    for block in [*drawn, *reply(sent)]:
        told = (
            [block["text"]]
            if "text" in block
            else block.get("elements", [])
            if block["type"] == "context"
            else []
        )
        marked = [each["text"] for each in told if each["type"] == "mrkdwn"]
        assert all(
            each.startswith("<http://gate.example/models/") and each.endswith("|Open in Gatehouse>")
            for each in marked
        )


@given(NAMES)
def test_a_button_says_what_it_is_about_or_is_not_there(model):
    made = buttons(message(model=model))
    for block in made:
        for button in block["elements"]:
            subject = read_subject(button["value"])
            assert (subject.model, subject.version) == (model, 3)
    # MLflow's longest names have 256 characters.
    assert made or len(json.dumps(model, ensure_ascii=False)) > 450
