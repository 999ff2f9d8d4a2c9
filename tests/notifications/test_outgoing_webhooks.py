"""Outgoing webhooks, to a real receiver that verifies them with the reference library."""

import base64
import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from notifications.errors import ChannelRefused, ChannelUnavailable
from notifications.events import EVENT_TYPES, Event, EventData, brief
from notifications.render import render_event
from notifications.webhook import WebhookChannel
from registry.words import Stage
from tests.notifications.samples import message

NEW, OLD = ("whsec_" + base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))


def event(kind="version.promoted", **changed):
    data = {
        "model": "taxi-fare", "version": 3, "answer": "promote", "reasons": ("3 of 3 gates passed.",),
        "from_stage": Stage.STAGING, "to_stage": Stage.PRODUCTION, "policy": "taxi-fare", "policy_digest": "p",
        "evidence_digest": "e", "source": "models:/m-1", "run_id": "r", "replaced": 2, "link": "http://gate/3",
    } | changed  # fmt: skip
    told = Event(type=kind, timestamp=datetime(2026, 11, 28, tzinfo=UTC), data=EventData.model_validate(data))
    return render_event(told, occasion="action 7")


class Receiver(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Receiving)
        self.status, self.headers, self.received = 204, {}, []
        self.released = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/hooks/s3cr3t"


class _Receiving(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((dict(self.headers), body))
        if self.server.status == "hangs":
            self.server.released.wait(30)
            return
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def receiver():
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def hook(receiver):
    return WebhookChannel("deploy", receiver.url, [NEW, OLD], timeout_s=2)


@pytest.mark.parametrize("secret", [NEW, OLD], ids=["the new secret", "the old one"])
def test_the_reference_library_verifies_it_by_either_secret(hook, receiver, secret):
    hook.send(event())
    ((headers, body),) = receiver.received
    told = Webhook(secret).verify(body, headers)
    assert (told["type"], told["timestamp"]) == ("version.promoted", "2026-11-28T00:00:00Z")
    assert told["data"]["model"] == "taxi-fare"
    assert told["data"]["version"] == 3
    assert told["data"]["replaced"] == 2
    assert told["data"]["source"] == "models:/m-1"


def test_what_was_changed_on_the_way_is_not_verified(hook, receiver):
    hook.send(event())
    ((headers, body),) = receiver.received
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(body.replace(b'"version":3', b'"version":4'), headers)


def test_the_same_fact_has_the_same_id_at_each_attempt_and_another_fact_another(hook, receiver):
    for sent in (event(), event(), event("version.moved")):
        hook.send(sent)
    ids = [headers["webhook-id"] for headers, _ in receiver.received]
    assert ids[0] == ids[1] != ids[2]
    assert all(id_.isascii() and len(id_) < 100 for id_ in ids)


def test_it_takes_the_events_that_it_is_told_to_and_no_messages(receiver):
    some = WebhookChannel("deploy", receiver.url, [NEW], ["version.promoted", "version.rolled_back"])
    assert [kind for kind in EVENT_TYPES if some.takes(event(kind))] == [
        "version.promoted",
        "version.rolled_back",
    ]
    assert not some.takes(message())
    every = WebhookChannel("audit", receiver.url, [NEW])
    assert all(every.takes(event(kind)) for kind in EVENT_TYPES)


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        pytest.param(500, ChannelUnavailable, "'deploy' answered 500", id="500"),
        pytest.param(429, ChannelUnavailable, "'deploy' answered 429", id="429"),
        pytest.param("hangs", ChannelUnavailable, "'deploy' could not be reached", id="hangs"),
        pytest.param(400, ChannelRefused, "'deploy' answered 400", id="400"),
        pytest.param(410, ChannelRefused, "410: it wants no more of this; take it out", id="gone"),
        pytest.param(302, ChannelRefused, "'deploy' answered 302", id="redirect"),
    ],
)
def test_answers_say_whether_to_try_again(hook, receiver, status, error, words):
    receiver.status, receiver.headers = status, {"Retry-After": "60", "Location": receiver.url}
    with pytest.raises(error, match=words) as raised:
        hook.send(event())
    assert len(receiver.received) == 1
    assert "s3cr3t" not in str(raised.value) + repr(raised.value.__cause__) + repr(hook)
    if status == 429:
        assert raised.value.retry_after == 60


def test_nobody_listening_is_unavailable():
    nowhere = WebhookChannel("deploy", "http://127.0.0.1:9/s3cr3t", [NEW], timeout_s=2)
    with pytest.raises(ChannelUnavailable, match="'deploy' could not be reached") as raised:
        nowhere.send(event())
    assert "s3cr3t" not in str(raised.value)


def test_the_longest_event_keeps_under_what_receivers_are_advised_to_take(hook, receiver):
    hook.send(event(model="🚕" * 256, reasons=brief(("🚕" * 700,) * 50), link="x" * 4000))
    ((_, body),) = receiver.received
    assert len(body) <= 20_000
    assert json.loads(body)["data"]["reasons"][-1].startswith("…")
