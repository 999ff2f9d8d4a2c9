"""Slack by a bot token, through the real SDK: one message a candidate, a thread below it, nothing twice."""

import logging

import pytest

from notifications.errors import ChannelError, ChannelRefused, ChannelUnavailable
from notifications.message import MessageKind
from tests.notifications.bots import PNG, SINCE, Kept, bot
from tests.notifications.fake_slack.workspace import TOKEN
from tests.notifications.samples import MESSAGES, message


def actions(posted):
    return [block for block in posted["blocks"] if block["type"] == "actions"]


def promoted(**changed):
    return message(
        kind=MessageKind.PROMOTED, title="taxi-fare 3 goes to Production", ask=None, key="k2", **changed
    )


def test_a_candidate_has_one_message_with_buttons_that_is_drawn_anew_and_a_thread(slack_bot, space):
    slack_bot.send(message())
    (head,) = space.heads()
    assert len(actions(head)) == 1
    assert space.thread(head) == []
    slack_bot.send(promoted())
    (head,) = space.heads()
    assert head["blocks"][0]["text"]["text"] == "🚀 taxi-fare 3 goes to Production"
    assert actions(head) == []
    (said,) = space.thread(head)
    assert said["text"].startswith("taxi-fare 3 goes to Production")
    assert not said["broadcast"]


def test_who_is_asked_anew_hears_of_it_in_the_channel(slack_bot, space):
    slack_bot.send(message())
    slack_bot.send(message(title="Reminder: taxi-fare 3 waits", key="k2"))
    assert [said["broadcast"] for said in space.thread(space.heads()[0])] == [True]


def test_a_quiet_message_draws_anew_and_says_nothing(slack_bot, space):
    slack_bot.send(promoted(quiet=True))
    assert space.heads() == []
    slack_bot.send(message())
    slack_bot.send(promoted(quiet=True))
    (head,) = space.heads()
    assert (head["text"][:16], space.thread(head)) == ("taxi-fare 3 goes", [])


def test_each_version_and_each_channel_has_its_own_and_all_are_drawn_anew(workspace, kept, space):
    both = bot(workspace, kept, places={"": "C0REVIEWS", "#pricing": "C0OTHER"})
    both.send(message(channel="reviewers"))
    both.send(message())
    both.send(message(version=4, key="k4"))
    assert (len(space.heads()), len(space.heads("C0OTHER"))) == (1, 2)
    both.send(promoted())
    for channel in ("C0REVIEWS", "C0OTHER"):
        assert space.heads(channel)[0]["text"].startswith("taxi-fare 3 goes to Production")
    assert space.thread(space.heads()[0]) == []


@pytest.mark.parametrize("sent", [p.values[0] for p in MESSAGES[:8]])
def test_what_was_posted_by_one_who_died_is_not_posted_again(workspace, space, sent):
    bot(workspace, Kept()).send(sent)
    again = Kept()
    for _ in range(2):
        bot(workspace, again).send(sent, since=SINCE)
    (head,) = space.heads()
    assert space.thread(head) == []
    if sent.is_card:
        assert [thread.ts for thread in again.shown.values()] == [head["ts"]]


def test_an_answer_that_was_posted_by_one_who_died_is_not_posted_again(slack_bot, space):
    slack_bot.send(message())
    slack_bot.send(promoted())
    slack_bot.send(promoted(), since=SINCE)
    assert len(space.thread(space.heads()[0])) == 1


def test_it_is_found_behind_hundreds_of_other_messages(workspace, slack_bot, space):
    bot(workspace, Kept()).send(message())
    for number in range(450):
        space.channels["C0REVIEWS"].append({"ts": space.now(), "user": "U0ANN", "text": f"chat {number}"})
    slack_bot.send(message(), since=SINCE)
    assert sum(each["user"] == "U0GATE" for each in space.heads()) == 1
    assert len(space.called("conversations.history")) == 3


def test_who_may_not_look_tells_it_rather_twice_than_never(slack_bot, space):
    space.scopes.discard("channels:history")
    slack_bot.send(message(), since=SINCE)
    assert len(space.heads()) == 1


def test_a_message_that_somebody_deleted_is_posted_anew(slack_bot, space):
    slack_bot.send(message())
    space.channels["C0REVIEWS"].clear()
    slack_bot.send(promoted())
    (head,) = space.heads()
    assert head["text"].startswith("taxi-fare 3 goes to Production")


def test_a_channel_that_was_archived_holds_no_other_up(workspace, kept, space):
    both = bot(workspace, kept, places={"": "C0REVIEWS", "#pricing": "C0OTHER"})
    both.send(message())
    both.send(message(channel="reviewers"))
    space.archived.add("C0OTHER")
    both.send(promoted(channel="reviewers"))
    assert space.heads()[0]["text"].startswith("taxi-fare 3 goes to Production")


def test_the_picture_comes_into_the_message_once_slack_can_show_it(slack_bot, kept, space):
    slack_bot.send(message())
    plotted = message(kind=MessageKind.PLOTTED, quiet=True, key="plot")
    kept.plots["d" * 64] = PNG
    space.ready = False
    with pytest.raises(ChannelUnavailable, match="cannot show the picture yet"):
        slack_bot.send(plotted)
    space.ready = True
    slack_bot.send(plotted, since=SINCE)
    (head,) = space.heads()
    assert [b["slack_file"]["id"] for b in head["blocks"] if b["type"] == "image"] == ["F0"]
    assert [held["content"] for held in space.files.values()] == [PNG]
    slack_bot.send(promoted())
    assert any(b["type"] == "image" for b in space.heads()[0]["blocks"])
    slack_bot.send(promoted(evaluation="another", quiet=True))
    assert not any(b["type"] == "image" for b in space.heads()[0]["blocks"])


def test_a_picture_that_slack_never_shows_stops_no_message(slack_bot, kept, space):
    slack_bot.send(message())
    kept.plots["d" * 64] = PNG
    space.ready = False
    with pytest.raises(ChannelUnavailable):
        slack_bot.send(message(kind=MessageKind.PLOTTED, quiet=True))
    with pytest.raises(ChannelRefused, match="invalid_blocks"):
        slack_bot.send(message(kind=MessageKind.PLOTTED, quiet=True), since=SINCE)
    slack_bot.send(promoted())
    assert space.heads()[0]["text"].startswith("taxi-fare 3 goes to Production")


def test_without_anybody_who_listens_there_are_no_buttons_and_the_command_stands_there(workspace, space):
    bot(workspace, clickable=False).send(message())
    (head,) = space.heads()
    assert actions(head) == []
    assert any(block["type"] == "rich_text" for block in head["blocks"])


@pytest.mark.parametrize(
    ("mood", "words", "after"),
    [
        pytest.param("busy", "429: ratelimited", 30.0, id="too many"),
        pytest.param("down", "could not be reached|with 503", None, id="down"),
        pytest.param("odd", "with 200: nothing to read", None, id="a login page"),
        pytest.param("internal_error", "internal_error", None, id="internal error"),
    ],
)
def test_slacks_troubles_are_worth_another_try(slack_bot, space, mood, words, after):
    space.moods.append(("chat.postMessage", mood))
    with pytest.raises(ChannelUnavailable, match=words) as raised:
        slack_bot.send(message())
    assert raised.value.retry_after == after
    slack_bot.send(message(), since=SINCE)
    assert len(space.heads()) == 1


def test_a_missing_scope_is_named_with_what_to_do(slack_bot, space):
    space.scopes.discard("chat:write")
    with pytest.raises(
        ChannelRefused, match="missing_scope; add the scope chat:write to the app's bot token scopes"
    ):
        slack_bot.send(message())


@pytest.mark.parametrize(
    ("places", "words"),
    [
        ({"": "C0NOWHERE"}, "channel_not_found; see that the id"),
        ({"": "C0OTHER"}, "is_archived; the channel is"),
    ],
)
def test_a_channel_that_cannot_be_is_said_so(workspace, space, places, words):
    space.archived.add("C0OTHER")
    with pytest.raises(ChannelRefused, match=words):
        bot(workspace, places=places).send(message())


def test_nothing_is_taken_where_no_channel_is_named(workspace):
    lost = bot(workspace, places={"#team": "C0OTHER"})
    assert not lost.takes(message())
    assert lost.takes(message(channel="#team"))


@pytest.mark.parametrize("mood", [None, "busy", "down", "odd"])
def test_the_token_is_in_no_error_and_no_log_line(slack_bot, space, mood, caplog):
    space.moods += [("*", mood)] if mood else []
    said = repr(slack_bot) + repr(slack_bot._api)
    with caplog.at_level(logging.DEBUG):
        try:
            slack_bot.send(message())
        except ChannelError as error:
            said += str(error) + repr(error.__cause__)
    assert TOKEN not in said + caplog.text


def test_one_place_is_told_the_same_once_for_several_channels_and_reminded_all_the_same(slack_bot, space):
    for channel in ("reviewers", "#team"):
        slack_bot.send(message(channel=channel, key=f"1 {channel}"))
    for number in (1, 2):
        for channel in ("reviewers", "#team"):
            slack_bot.send(
                message(title="Reminder: it waits", channel=channel, key=f"reminder {number} {channel}")
            )
    (head,) = space.heads()
    assert len(space.thread(head)) == 2
