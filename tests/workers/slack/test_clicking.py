"""Reviewers in Slack: what they press counts by the same rules as anywhere, once, and they are told so alone."""

from dataclasses import replace

import pytest

from ledger import interactions
from ledger.engine import writing
from notifications.slack_api import SlackApi
from notifications.slack_buttons import APPROVE, REJECT
from notifications.slack_chat import SlackChat
from policies.verdicts import Answer, Vote
from registry.words import Stage
from tests.notifications.fake_slack.clicks import buttons_of, press, send
from tests.notifications.fake_slack.workspace import TOKEN
from tests.workers.slack.conftest import ASKS, PEOPLE
from tests.workers.slack.said import answer, asked, head, said_to, votes, work
from workers.interact import interact
from workers.queue import INTERACT, LOOK
from workers.sweep import sweep_fully


def test_two_reviewers_of_two_groups_approve_in_slack_and_the_message_is_drawn_anew(
    gate, door, fake, registry, rung
):
    asked(gate, registry)
    shown = head(fake)
    assert "until" in str(shown["blocks"])
    assert door(press(fake, shown, APPROVE, "U0GRACE")).status_code == 200
    assert INTERACT in rung
    assert interact(gate) == 1
    assert LOOK in rung
    assert said_to(fake, "U0GRACE") == ["Recorded: approve of asks 1 by grace."]
    work(gate)
    assert "risk (1)" in str(head(fake)["blocks"])
    door(press(fake, head(fake), APPROVE, "U0LINUS"))
    interact(gate)
    work(gate)
    assert registry.version("asks", 1).stage is Stage.PRODUCTION
    assert votes(gate) == [("grace", Vote.APPROVE, ""), ("Linus@example.com", Vote.APPROVE, "")]
    assert head(fake)["ts"] == shown["ts"]
    assert buttons_of(head(fake)) == {}
    assert head(fake)["text"].startswith("asks 1 goes to Production")


def test_a_rejection_is_given_with_its_reason_in_a_dialog(gate, door, fake, registry):
    asked(gate, registry)
    assert door(press(fake, head(fake), REJECT, "U0GRACE")).status_code == 200
    (view,) = fake.space.views
    assert votes(gate) == []
    door(send(view, "JFK fares are off <!channel>", "U0GRACE"))
    interact(gate)
    work(gate)
    assert votes(gate) == [("grace", Vote.REJECT, "JFK fares are off <!channel>")]
    assert answer(gate) is Answer.REJECT
    assert said_to(fake, "U0GRACE") == ["Recorded: reject of asks 1 by grace."]
    assert "<!channel>" not in str(head(fake)["blocks"])


@pytest.mark.parametrize(
    ("user", "words"),
    [
        pytest.param("U0ADA", "ada made asks 1", id="the author, by an address that is mapped"),
        pytest.param("U0BOB", "bob@example.com is nobody among the reviewers", id="nobody we know"),
        pytest.param("U0GHOST", "Slack does not know you here", id="nobody Slack knows"),
        pytest.param(
            "U0STRANGER", "you are not a full member", id="another workspace that says grace's address"
        ),
        pytest.param("U0GUEST", "you are not a full member", id="a guest"),
        pytest.param("U0LEFT", "you are not a full member", id="somebody who left"),
        pytest.param("U0HASTY", "your address is not confirmed", id="an address not confirmed"),
        pytest.param("U0BARE", "the app lacks users:read.email", id="no address"),
    ],
)
def test_who_may_not_is_told_so_alone_and_nothing_is_recorded(gate, door, fake, registry, user, words):
    linus = "linus@example.com"
    fake.space.add_person("U0STRANGER", linus, team_id="T0THEIRS", is_stranger=True)
    fake.space.add_person("U0GUEST", linus, is_restricted=True)
    fake.space.add_person("U0LEFT", linus, deleted=True)
    fake.space.add_person("U0HASTY", linus, is_email_confirmed=False)
    fake.space.add_person("U0BARE")
    asked(gate, registry)
    door(press(fake, head(fake), APPROVE, user))
    interact(gate)
    (told,) = said_to(fake, user)
    assert words in told
    assert votes(gate) == []


def test_who_left_the_group_is_refused(gate, door, fake, registry, policies):
    asked(gate, registry)
    shown = head(fake)
    (policies / "reviewers.yaml").write_text("groups: {pricing: [ada], risk: [linus@example.com]}")
    door(press(fake, shown, APPROVE, "U0GRACE"))
    interact(gate)
    assert votes(gate) == []
    assert "not counted" in said_to(fake, "U0GRACE")[0]


def test_a_click_on_last_weeks_message_is_told_that_things_have_changed(gate, door, fake, registry, policies):
    asked(gate, registry)
    old = dict(head(fake))
    (policies / "asks.yaml").write_text(ASKS.replace("5.0", "4.5"))
    sweep_fully(gate)
    work(gate)
    door(press(fake, old, APPROVE, "U0GRACE"))
    interact(gate)
    assert votes(gate) == []
    assert "has changed since this was shown to you" in said_to(fake, "U0GRACE")[0]
    door(press(fake, head(fake), APPROVE, "U0GRACE"))
    interact(gate)
    assert len(votes(gate)) == 1


def test_a_click_after_all_is_over_is_told_so(gate, door, fake, registry):
    asked(gate, registry)
    shown = dict(head(fake))
    door(press(fake, shown, APPROVE, "U0GRACE"))
    door(press(fake, shown, APPROVE, "U0LINUS"))
    assert interact(gate) == 2
    work(gate)
    door(press(fake, shown, APPROVE, "U0EVE"))
    interact(gate)
    assert "not counted" in said_to(fake, "U0EVE")[-1]
    assert len(votes(gate)) == 2


@pytest.mark.parametrize("uses", [0, 1], ids=["expired", "alive"])
def test_where_the_address_of_a_click_has_expired_its_user_is_told_in_the_channel(
    gate, door, fake, registry, uses
):
    asked(gate, registry)
    door(press(fake, head(fake), APPROVE, "U0GRACE", uses=uses))
    interact(gate)
    ((where, who, _),) = fake.space.ephemeral
    assert (where, who) == (("C0REVIEWS", "U0GRACE") if uses == 0 else (where, "response_url"))


def test_no_other_host_than_slacks_is_asked_because_of_a_click(gate, door, fake, registry):
    asked(gate, registry)
    payload = press(fake, head(fake), APPROVE, "U0GRACE") | {"response_url": "http://169.254.169.254/latest"}
    door(payload)
    interact(gate)
    assert [who for _, who, _ in fake.space.ephemeral] == ["U0GRACE"]


def test_a_click_outlives_a_slack_that_is_down_and_counts_once(gate, door, fake, registry, clock):
    asked(gate, registry)
    door(press(fake, head(fake), APPROVE, "U0LINUS", uses=0))
    fake.space.always["*"] = "down"
    assert interact(gate) == 0
    del fake.space.always["*"]
    assert interact(gate) == 0
    clock.pass_(minutes=2)
    assert interact(gate) == 1
    assert len(votes(gate)) == 1


def test_a_worker_that_dies_after_the_vote_leaves_it_to_be_answered_and_not_to_be_counted_twice(
    gate, door, fake, registry, clock
):
    asked(gate, registry)
    door(press(fake, head(fake), APPROVE, "U0GRACE"))

    class Dead(Exception):
        pass

    class Dying(SlackChat):
        def answer(self, *_):
            raise Dead

    api = SlackApi(TOKEN, url=fake.url)
    with pytest.raises(Dead):
        interact(replace(gate, chat=Dying(api, PEOPLE, url=fake.url)))
    assert len(votes(gate)) == 1
    clock.pass_(minutes=2)
    assert interact(gate) == 1
    assert len(votes(gate)) == 1
    assert said_to(fake, "U0GRACE") == ["Recorded: approve of asks 1 by grace."]


def test_what_a_click_named_is_forgotten_once_it_is_done(gate, door, fake, registry):
    asked(gate, registry)
    door(press(fake, head(fake), APPROVE, "U0GRACE"))
    interact(gate)
    with writing(gate.ledger) as session:
        assert interactions.claim(session, gate.now()) is None
        assert {row.click for row in session.query(interactions.InteractionRow)} == {""}


def test_the_sweep_rings_for_a_click_that_nobody_heard(gate, door, fake, registry, rung):
    asked(gate, registry)
    door(press(fake, head(fake), APPROVE, "U0GRACE"))
    rung.clear()
    sweep_fully(gate)
    assert INTERACT in rung


def test_an_app_that_may_not_ask_who_clicked_says_so_to_whoever_did(gate, door, fake, registry):
    asked(gate, registry)
    fake.space.scopes.discard("users:read")
    door(press(fake, head(fake), APPROVE, "U0LINUS"))
    assert interact(gate) == 1
    assert "the app lacks users:read" in said_to(fake, "U0LINUS")[0]
    assert votes(gate) == []


def test_a_click_on_a_candidate_that_was_deleted_is_told_so(gate, door, fake, registry):
    asked(gate, registry)
    registry.delete("asks", 1)
    sweep_fully(gate)
    door(press(fake, head(fake), APPROVE, "U0GRACE"))
    interact(gate)
    assert "asks 1 was deleted from the registry" in said_to(fake, "U0GRACE")[0]
    assert votes(gate) == []
