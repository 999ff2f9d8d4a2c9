"""By which names an open console is reached: a page that was rebound to its address reads and does nothing."""

import pytest

from console.app import create_app
from console.hosts import name_of
from console.settings import ConsoleSettings

READ = ["/", "/models/taxi-fare/3", "/audit.jsonl", "/changes", "/api/v1/models", "/nowhere", "/signin"]
FOREIGN = ["evil.example", "evil.example:5080", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.9", "", "@", "localhost@evil.example", "evil.example/localhost", "[::2]:5080"]  # fmt: skip


@pytest.fixture
def client(engine, story):
    story.furnish(engine)
    settings = ConsoleSettings(console_url="https://Gate.example.org:8443")
    return create_app(engine, settings, clock=lambda: story.NOW).test_client()


@pytest.mark.parametrize("path", READ)
def test_a_rebound_page_reads_nothing_and_is_told_what_to_set(client, path):
    answer = client.get(path, headers={"Host": "evil.example:5080"})
    said = answer.get_data(as_text=True)
    assert answer.status_code == 421
    assert "taxi-fare" not in said.replace("/models/taxi-fare", "")
    assert "GATEHOUSE_CONSOLE_URL" in said
    assert "https://Gate.example.org:8443" in said
    kind = "application/problem+json" if path.startswith("/api/") else "text/html"
    assert answer.mimetype == kind


@pytest.mark.parametrize("host", FOREIGN)
def test_what_is_not_ours_is_refused_however_it_is_spelt(client, host):
    assert client.get("/", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:5080", "localhost.", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:5080", "gate.example.org", "GATE.example.org:9"],
)  # fmt: skip
def test_it_answers_to_this_machine_and_to_its_own_address_at_any_port(client, host):
    assert client.get("/", headers={"Host": host}).status_code == 200


def test_a_rebound_page_acts_for_nobody(client, story, engine):
    sent = {"csrf_token": story.form_token(client), "reason": "x"}
    for path in (
        "/models/taxi-fare/hold",
        "/models/taxi-fare/3/review",
        "/signin",
        "/api/v1/deliveries/replay",
    ):
        assert client.post(path, data=sent, headers={"Host": "evil.example"}).status_code == 421


def test_a_name_of_any_length_and_script_is_shown_as_words(client):
    said = client.get("/", headers={"Host": "<script>" + "x" * 5_000}).get_data(as_text=True)
    assert "&lt;script&gt;" in said
    assert len(said) < 10_000


def test_a_prober_may_come_by_any_name(client):
    assert client.get("/healthz", headers={"Host": "10.0.3.7:8000"}).status_code == 200


def test_with_a_provider_nothing_is_open_and_any_name_will_do(engine):
    closed = ConsoleSettings(oidc_issuer="https://login.example.org", oidc_client_id="x")
    answer = create_app(engine, closed).test_client().get("/", headers={"Host": "gate.internal"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/signin?next=/")


def test_a_name_is_read_without_its_port():
    assert [name_of(host) for host in ("[::1]:80", "A.b:8", "a:b", "[", "a b")] == [
        "[::1]",
        "a.b",
        None,
        None,
        None,
    ]
