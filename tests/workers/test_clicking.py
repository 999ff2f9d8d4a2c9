"""Reviewers in Slack: what they press counts by the same rules as anywhere, once, and they are told so alone."""

from dataclasses import replace

import pytest

from ledger import approvals, interactions, judgements, threads
from ledger.engine import reading, writing
from ledger.tables import ReportRow
from notifications.slack_api import SlackApi
from notifications.slack_bot import SlackBot
from notifications.slack_buttons import APPROVE, REJECT
from notifications.slack_chat import SlackChat
from policies.verdicts import Answer, Vote
from registry.memory import Seed
from registry.words import Stage
from tests.notifications.fake_slack.clicks import SECRET, buttons_of, press, send, signed
from tests.notifications.fake_slack.server import FakeSlack
from tests.notifications.fake_slack.workspace import TOKEN
from tests.webhooks.senders import SECRETS
from webhooks.receiver import create_app
from webhooks.slack_interactions import PATH, slack_interactions
from workers.interact import interact
from workers.look import look
from workers.messages import tell_plotted
from workers.queue import INTERACT, LOOK
from workers.report import report
from workers.sweep import sweep_fully
from workers.tell import tell
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
SEED = Seed(tags={"owner": "ada"}, logged={"val_rmse": 4.0}, authors=frozenset({"ada"}))


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


def work(gate):
    while look(gate):
        pass
    tell(gate)


def asked(gate, registry, seed=SEED):
    """A candidate that waits in Staging, shown in Slack; its message comes back."""
    version = registry.register("asks", seed).version
    registry.transition("asks", version, Stage.STAGING)
    sweep_fully(gate)
    work(gate)


def head(fake):
    (found,) = fake.space.heads()
    return found


def said_to(fake, user):
    return [text for _, who, text in fake.space.ephemeral if who in {user, "response_url"}]


def votes(gate, version=1):
    with reading(gate.ledger) as session:
        return [
            (each.reviewer, each.vote, each.comment)
            for each in approvals.of_version(session, "asks", version)
        ]


def answer(gate, version=1):
    with reading(gate.ledger) as session:
        return judgements.latest(session, "asks", version).decision.answer


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


def test_after_an_hour_without_slack_all_is_told_once_in_order(gate, fake, registry, clock):
    fake.space.always["*"] = "down"
    asked(gate, registry)
    asked(gate, registry)
    registry.transition("asks", 1, Stage.ARCHIVED)
    for _ in range(12):
        clock.pass_(minutes=5)
        sweep_fully(gate)
        work(gate)
    del fake.space.always["*"]
    clock.pass_(minutes=11)
    tell(gate)
    heads = fake.space.heads()
    assert [each["text"].split(".")[0] for each in heads] == [
        "asks 1 waits for approval to go to Production", "asks 2 waits for approval to go to Production",
    ]  # fmt: skip


def test_a_worker_that_dies_between_posting_and_remembering_leaves_one_message(gate, fake, registry, clock):
    class Dead(Exception):
        pass

    class Dying(LedgerMemory):
        def keep(self, *_):
            raise Dead

    api = SlackApi(TOKEN, url=fake.url)
    memory = Dying(gate.ledger, clock)
    dying = replace(gate, channels=(SlackBot(api, {"": "C0REVIEWS"}, memory, clickable=True),))
    with pytest.raises(Dead):
        asked(dying, registry)
    assert len(fake.space.heads()) == 1
    # The fake's messages are as old as its clock says.
    fake.space.heads()[0]["ts"] = f"{clock().timestamp():.6f}"
    clock.pass_(minutes=2)
    tell(gate)
    assert len(fake.space.heads()) == 1
    assert fake.space.thread(head(fake)) == []
    with reading(gate.ledger) as session:
        assert [t.ts for t in threads.of_version(session, "asks", 1)] == [head(fake)["ts"]]


def test_the_picture_of_a_judgement_comes_into_the_candidates_message(gate, fake, registry):
    asked(gate, registry)
    assert report(gate)
    with writing(gate.ledger) as session:
        judgement = judgements.latest(session, "asks", 1)
        session.get_one(ReportRow, judgement.evaluation.digest()).plot = b"\x89PNG and so on"
        tell_plotted(gate, session, judgement)
    tell(gate)
    (image,) = (block for block in head(fake)["blocks"] if block["type"] == "image")
    assert fake.space.files[image["slack_file"]["id"]]["content"] == b"\x89PNG and so on"
    work(gate)
    assert len(fake.space.files) == 1


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
