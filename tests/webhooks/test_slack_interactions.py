"""Where Slack delivers clicks: what is signed and fresh is kept once, whatever else is refused."""

import json
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from ledger.chat_tables import InteractionRow
from ledger.engine import open_ledger, reading
from notifications.errors import ChannelUnavailable
from notifications.slack_buttons import APPROVE, APPROVE_SAYING, REJECT, dialog
from notifications.slack_clicks import Click, Opening, PayloadInvalid, read_payload
from tests.notifications.fake_slack.clicks import SECRET, headers, signed
from tests.webhooks.senders import NOW, SECRETS
from webhooks.receiver import create_app
from webhooks.settings import BODY_MAX
from webhooks.slack_interactions import PATH, slack_interactions
from workers.queue import INTERACT

AT = NOW.timestamp()
VALUE = json.dumps({"model": "taxi-fare", "version": 3, "evidence": "e" * 64, "policy": "p" * 64})


class Bell:
    def __init__(self):
        self.rung = []

    def ring(self, task):
        self.rung.append(task)


@pytest.fixture
def bell():
    return Bell()


@pytest.fixture
def opened():
    return []


@pytest.fixture
def client(ledger, bell, opened):
    return made(ledger, bell, lambda trigger, view: opened.append((trigger, view)))


def made(ledger, bell, open_view):
    app = create_app(ledger, bell, secrets=SECRETS, now=lambda: NOW)
    app.register_blueprint(
        slack_interactions(ledger, bell, secrets=["old" * 9, SECRET], open_view=open_view, now=lambda: NOW)
    )
    return app.test_client()


def pressed(action=APPROVE, **changed):
    return {
        "type": "block_actions",
        "user": {"id": "U0GRACE", "name": "admin"},
        "container": {"channel_id": "C0REVIEWS", "message_ts": "1.1"},
        "trigger_id": "1.trigger",
        "response_url": "https://hooks.slack.com/actions/T/1",
        "actions": [{"action_id": action, "value": VALUE}],
    } | changed


def post(client, payload, **signing):
    body, said = signed(payload, at=signing.pop("at", AT), **signing)
    return client.post(PATH, data=body, headers=said)


def kept(ledger):
    with reading(ledger) as session:
        return [Click.model_validate_json(each) for each in session.scalars(select(InteractionRow.click))]


def count(ledger):
    with reading(ledger) as session:
        return session.scalar(select(func.count()).select_from(InteractionRow))


def test_a_click_is_kept_before_it_is_acknowledged_and_rung(client, ledger, bell):
    answer = post(client, pressed())
    assert (answer.status_code, answer.data) == (200, b"")
    (click,) = kept(ledger)
    assert (click.vote, click.user, click.subject.model, click.subject.version) == (
        "approve",
        "U0GRACE",
        "taxi-fare",
        3,
    )
    assert bell.rung == [INTERACT]


def test_a_replayed_click_is_acknowledged_and_kept_once(client, ledger, bell):
    body, said = signed(pressed(), at=AT)
    for _ in range(3):
        assert client.post(PATH, data=body, headers=said).status_code == 200
    assert (count(ledger), bell.rung) == (1, [INTERACT])
    post(client, pressed(trigger_id="2.trigger"))
    assert count(ledger) == 2


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"X-Slack-Signature": ""}, id="no signature"),
        pytest.param({"X-Slack-Signature": "v0=" + "0" * 64}, id="forged"),
        pytest.param({"X-Slack-Signature": "v0=é"}, id="not ascii"),
        pytest.param({"X-Slack-Request-Timestamp": ""}, id="no time"),
        pytest.param({"X-Slack-Request-Timestamp": "soon"}, id="no number"),
        pytest.param({"X-Slack-Request-Timestamp": "9" * 400}, id="a number of any length"),
        pytest.param({"X-Slack-Request-Timestamp": str(int(AT) + 1)}, id="another time"),
    ],
)
def test_what_is_not_signed_is_refused(client, ledger, change):
    body, said = signed(pressed(), at=AT)
    answer = client.post(PATH, data=body, headers=said | change)
    assert (answer.status_code, answer.json) == (401, {"error": "bad or stale signature"})
    assert count(ledger) == 0


@pytest.mark.parametrize(("age", "status"), [(299, 200), (301, 401), (-299, 200), (-301, 401)])
def test_a_click_is_taken_for_five_minutes(client, age, status):
    assert post(client, pressed(), at=AT - age).status_code == status


def test_another_secret_and_another_body_are_refused(client):
    assert post(client, pressed(), secret="another").status_code == 401
    body, said = signed(pressed(), at=AT)
    assert client.post(PATH, data=body.replace(b"U0GRACE", b"U0OTHER"), headers=said).status_code == 401


def test_the_name_in_a_payload_is_nobodys_proof(client, ledger):
    post(client, pressed(user={"id": "U0MALLORY", "name": "grace", "username": "grace"}))
    assert "grace" not in kept(ledger)[0].model_dump_json()


@pytest.mark.parametrize(("action", "title"), [(REJECT, "Reject"), (APPROVE_SAYING, "Approve")])
def test_a_comment_is_asked_for_in_a_dialog_and_nothing_is_kept_of_that(
    client, ledger, opened, action, title
):
    assert post(client, pressed(action)).status_code == 200
    ((trigger, view),) = opened
    assert (trigger, view["title"]["text"]) == ("1.trigger", title)
    assert view["blocks"][1]["optional"] == (action != REJECT)
    assert count(ledger) == 0


def test_a_dialog_that_was_sent_is_a_vote_with_its_comment(client, ledger, opened):
    post(client, pressed(REJECT))
    ((_, view),) = opened
    values = {"comment": {"comment": {"type": "plain_text_input", "value": "JFK fares <!channel> 🚕"}}}
    sent = {
        "type": "view_submission",
        "user": {"id": "U0GRACE"},
        "view": {
            "callback_id": view["callback_id"],
            "private_metadata": view["private_metadata"],
            "state": {"values": values},
        },
    }
    answer = post(client, sent)
    assert (answer.status_code, answer.data) == (200, b"")
    (click,) = kept(ledger)
    assert (click.vote, click.comment, click.channel) == ("reject", "JFK fares <!channel> 🚕", "C0REVIEWS")


def test_a_dialog_that_cannot_be_opened_is_shown_as_failed(ledger, bell):
    def down(trigger, view):
        raise ChannelUnavailable("Slack could not be reached")

    assert post(made(ledger, bell, down), pressed(REJECT)).status_code == 502


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param({"type": "view_closed"}, id="closed"),
        pytest.param(pressed("somebody_elses"), id="another app's button"),
        pytest.param(pressed(actions=[{"action_id": APPROVE, "value": "{}"}]), id="a value that is not ours"),
        pytest.param({"type": "view_submission", "view": {"callback_id": "other"}}, id="another dialog"),
    ],
)
def test_what_is_none_of_ours_is_acknowledged_and_forgotten(client, ledger, payload):
    assert post(client, payload).status_code == 200
    assert count(ledger) == 0


@pytest.mark.parametrize(
    "payload",
    [
        "no json",
        "[]",
        "[" * 100_000,
        {"type": "block_actions"},
        pressed(actions=[]),
        pressed(user=None),
        pressed(user={"id": {}}),
    ],
    ids=["no json", "a list", "deep", "nothing in it", "no action", "nobody", "an odd user"],
)
def test_what_is_signed_and_cannot_be_read_is_a_400(client, payload):
    assert post(client, payload).status_code == 400


@pytest.mark.parametrize("body", [b"", b"payload", b"other=1", b"payload=%ff", b"\xff\xfe"], ids=repr)
def test_odd_forms_are_refused(client, body):
    assert client.post(PATH, data=body, headers=headers(body, at=AT)).status_code in {400, 401}


def test_only_forms_of_a_size_are_read(client):
    body, said = signed(pressed(), at=AT)
    assert (
        client.post(PATH, data=body, headers=said | {"Content-Type": "application/json"}).status_code == 415
    )
    long = b"payload=" + b"x" * BODY_MAX
    assert client.post(PATH, data=long, headers=headers(long, at=AT)).status_code == 413
    assert client.get(PATH).status_code == 405


def test_without_its_ledger_nothing_is_acknowledged(tmp_path, bell):
    broken = open_ledger(f"sqlite:///{tmp_path / 'empty.db'}")
    assert post(made(broken, bell, None), pressed()).status_code == 503
    broken.dispose()


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=200)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["type", "view", "user", "actions", "container", "state"]), inner
            )
        ),
    )
)
def test_no_payload_breaks_the_reader(payload):
    for kind in ("block_actions", "view_submission"):
        said = payload | {"type": kind} if isinstance(payload, dict) else payload
        try:
            found = read_payload(json.dumps(said))
        except PayloadInvalid:
            continue
        assert found is None or isinstance(found, Click | Opening)


@given(st.text(max_size=3000), st.text(max_size=300))
def test_a_dialog_of_any_name_keeps_slacks_limits(name, channel):
    from notifications.slack_buttons import Opened, Subject
    from tests.notifications.fake_slack.limits import faults_of_view

    subject = Subject(model=name[:400], version=3, evidence="e" * 64, policy="p" * 64)
    assert faults_of_view(dialog(Opened(vote="reject", subject=subject, channel="C", ts="1"))) == []


SERVED = "from webhooks.wsgi import app; print([str(rule) for rule in app.url_map.iter_rules()])"


@pytest.mark.parametrize("listens", [True, False])
def test_the_receiver_listens_to_slack_once_a_secret_is_set(ledger_url, tmp_path, listens):
    slack = (
        {"GATEHOUSE_SLACK_SIGNING_SECRET": SECRET, "GATEHOUSE_SLACK_BOT_TOKEN": "xoxb-1"} if listens else {}
    )
    environment = {
        "GATEHOUSE_HOME": str(tmp_path),
        "GATEHOUSE_LEDGER_URL": ledger_url,
        "GATEHOUSE_WEBHOOK_SECRET": "s" * 40,
    }
    said = subprocess.run(
        [sys.executable, "-c", SERVED], env=environment | slack, capture_output=True, text=True, check=False
    )
    assert (PATH in said.stdout) is listens, said.stderr
