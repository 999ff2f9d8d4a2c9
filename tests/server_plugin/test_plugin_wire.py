"""What goes over the wire, what an answer means, and which settings are enough."""

import base64
import json

import pytest

from registry.server_plugin.errors import ChangeRefused, ReceiverUnavailable, SettingsInvalid
from registry.server_plugin.receiver import Receiver
from registry.server_plugin.settings import Settings, read
from registry.server_plugin.wire import Change, body_of, headers_of
from tests.server_plugin.inbox import KEY, SECRET

MOVED = Change("msg_1", "taxi ☃", 3, "None", "Production", "ada", "default", 1_700_000_000_123)


def test_the_signature_is_that_of_the_standards_own_example():
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = headers_of("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', key=key, now=1614265330.9)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-timestamp"] == "1614265330"


def test_a_stage_change_tells_all_that_is_known():
    assert json.loads(body_of(MOVED)) == {
        "type": "model_version.stage_changed",
        "timestamp": "2023-11-14T22:13:20.123+00:00",
        "data": {
            "name": "taxi ☃",
            "version": "3",
            "from_stage": "None",
            "to_stage": "Production",
            "actor": "ada",
            "workspace": "default",
        },
    }


def test_a_deletion_has_a_type_of_its_own():
    gone = Change("msg_2", "taxi", 3, "Archived", "Deleted_Internal", None, None, 0)
    assert json.loads(body_of(gone))["type"] == "model_version.deleted"


def test_the_receiving_dialect_understands_it():
    from registry.events import EventKind
    from webhooks import standard_dialect

    body = body_of(MOVED)
    headers = {key.lower(): text for key, text in headers_of("msg_1", body, key=KEY, now=1000.0).items()}
    assert standard_dialect.verify(headers, body, secrets=[SECRET], now=1001.0).endswith("msg_1")
    event = standard_dialect.parse(body)
    assert (event.kind, event.model, event.version) == (EventKind.STAGE_CHANGED, "taxi ☃", 3)


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        pytest.param(202, None, "", id="taken"),
        pytest.param(204, None, "", id="taken without a word"),
        pytest.param(400, ChangeRefused, "400", id="not understood"),
        pytest.param(401, ReceiverUnavailable, "GATEHOUSE_PLUGIN_SECRET", id="another secret"),
        pytest.param(404, ReceiverUnavailable, "GATEHOUSE_RECEIVER_URL", id="another address"),
        pytest.param(307, ReceiverUnavailable, "307", id="sent elsewhere, where it does not go"),
        pytest.param(503, ReceiverUnavailable, "503", id="later"),
    ],
)
def test_an_answer_says_what_to_do(inbox, answer, error, says):
    inbox.answer = answer
    receiver = Receiver(read({"GATEHOUSE_RECEIVER_URL": inbox.url, "GATEHOUSE_PLUGIN_SECRET": SECRET}), _now)
    if error is None:
        assert receiver.send(MOVED) is None
        assert [each["id"] for each in inbox.deliveries] == ["msg_1"]
        return
    with pytest.raises(error, match=says):
        receiver.send(MOVED)
    assert len(inbox.seen) == 1
    assert not inbox.deliveries


def test_a_receiver_that_is_away_is_unavailable(inbox):
    inbox.close()
    with pytest.raises(ReceiverUnavailable, match="does not answer"):
        Receiver(Settings(f"{inbox.url}/webhooks/gatehouse", KEY), _now).send(MOVED)
    inbox.open()


def _now():
    import time

    return time.time()


@pytest.mark.parametrize(
    ("url", "secret", "missing"),
    [
        pytest.param("", SECRET, "GATEHOUSE_RECEIVER_URL", id="no address"),
        pytest.param("receiver:8000", SECRET, "GATEHOUSE_RECEIVER_URL", id="no scheme"),
        pytest.param("ftp://receiver", SECRET, "GATEHOUSE_RECEIVER_URL", id="another scheme"),
        pytest.param(f"http://{'a' * 70}", SECRET, "GATEHOUSE_RECEIVER_URL", id="no host name"),
        pytest.param("http://receiver:8000", "", "GATEHOUSE_PLUGIN_SECRET", id="no secret"),
        pytest.param("http://receiver:8000", "whsec_", "GATEHOUSE_PLUGIN_SECRET", id="an empty secret"),
        pytest.param(
            "http://receiver:8000", "whsec_c2hvcnQ=", "GATEHOUSE_PLUGIN_SECRET", id="a short secret"
        ),
        pytest.param("http://receiver:8000", "whsec_*****", "GATEHOUSE_PLUGIN_SECRET", id="not base64"),
        pytest.param("http://receiver:8000", SECRET[6:], "GATEHOUSE_PLUGIN_SECRET", id="no prefix"),
    ],
)
def test_settings_that_are_not_enough_are_named(url, secret, missing):
    with pytest.raises(SettingsInvalid, match=f"^set {missing}") as refused:
        read({"GATEHOUSE_RECEIVER_URL": url, "GATEHOUSE_PLUGIN_SECRET": secret})
    assert not secret or secret == "whsec_" or secret not in str(refused.value)


@pytest.mark.parametrize("several", [SECRET, f"{SECRET},whsec_old", f" {SECRET}\nwhsec_old\n"])
def test_of_several_secrets_the_first_is_in_use(several):
    told = read({"GATEHOUSE_RECEIVER_URL": "http://receiver:8000/", "GATEHOUSE_PLUGIN_SECRET": several})
    assert (told.url, told.key) == ("http://receiver:8000/webhooks/gatehouse", KEY)
    assert "key" not in repr(told)
