"""`gatehouse webhooks` and `gatehouse deliveries` without any server."""

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from gatehouse.cli import main
from ledger import work
from ledger.engine import reading, writing
from ledger.tables import DeliveryRow
from tests.webhooks.senders import NOW, post, recorded


class Queue:
    """The doorbell, without Redis."""

    def __init__(self):
        self.rung = []

    def ring(self, task):
        self.rung.append(task)

    def flush(self):
        """There is nothing to wait for."""


@pytest.fixture
def queue(monkeypatch):
    rung = Queue()
    monkeypatch.setattr("gatehouse.delivery_commands.celery_bell", lambda _url: rung)
    return rung


@pytest.fixture
def gatehouse(queue, monkeypatch, tmp_path, ledger):
    settings = {
        "HOME": tmp_path, "LEDGER_URL": f"sqlite:///{tmp_path}/ledger.db", "REGISTRY_URL": "http://127.0.0.1:9",
        "REDIS_URL": "redis://127.0.0.1:9/0", "WEBHOOK_SECRET": "", "RECEIVER_URL": "",
    }  # fmt: skip
    for name, value in settings.items():
        monkeypatch.setenv(f"GATEHOUSE_{name}", str(value))
        if not value:
            monkeypatch.delenv(f"GATEHOUSE_{name}")
    return lambda *words: CliRunner().invoke(main, words)


@pytest.fixture
def came(client):
    """Three deliveries: two of one model, by two senders, and one of a prompt."""
    post(client, "mlflow", recorded("mlflow", "model_version.created"), delivery="a")
    post(client, "gatehouse", recorded("gatehouse", "model_version.stage_changed"), delivery="b")
    post(client, "mlflow", recorded("mlflow", "prompt.created"), delivery="c")


def ids(answer):
    return sorted(one["id"] for one in json.loads(answer.output))


def test_an_empty_inbox_says_where_to_look(gatehouse):
    assert "gatehouse webhooks list" in gatehouse("deliveries").output


@pytest.mark.parametrize(
    ("words", "listed"),
    [
        ((), ["a", "c", "gatehouse:b"]),
        (("--source", "mlflow"), ["a", "c"]),
        (("--model", "taxi-fare"), ["a", "gatehouse:b"]),
        (("--model", "taxi-fare", "--source", "mlflow"), ["a"]),
        (("--model", "nothing"), []),
        (("--limit", "1"), ["a"]),
    ],
)
def test_deliveries_are_listed(gatehouse, came, words, listed):
    assert ids(gatehouse("deliveries", "--json", *words)) == listed


def test_what_became_of_each_is_told(gatehouse, came):
    shown = gatehouse("deliveries").output
    assert "looked into" in shown
    assert "ignored: prompt.created is nothing that Gatehouse guards" in shown
    told = {one["id"]: one for one in json.loads(gatehouse("deliveries", "--json").output)}
    assert told["c"]["events"][0]["ignored"]
    assert json.loads(told["a"]["body"])["entity"] == "model_version"


@pytest.mark.parametrize(
    ("words", "taken"),
    [
        (("a",), {"a": "accepted"}),
        (("a", "c"), {"a": "accepted", "c": "ignored"}),
        (("--all",), {"a": "accepted", "gatehouse:b": "accepted", "c": "ignored"}),
        (("--since", "2026-11-22"), {"a": "accepted", "gatehouse:b": "accepted", "c": "ignored"}),
        (("--since", "2026-11-25"), {}),
    ],
)
def test_what_came_is_taken_once_more(gatehouse, came, queue, events, words, taken):
    answer = gatehouse("deliveries", "replay", "--json", *words)
    assert answer.exit_code == 0
    assert {each["id"]: each["taken"] for each in json.loads(answer.output)} == taken
    assert [kept.origin for kept in events()].count("replay") == len(taken)
    assert len(queue.rung) == bool(taken)


def test_a_replay_twice_leaves_one_look(gatehouse, came, ledger, events):
    for _ in range(2):
        assert gatehouse("deliveries", "replay", "--all").exit_code == 0
    with reading(ledger) as session:
        assert work.due_count(session, NOW.replace(year=2030)) == 2
    assert "replayed 2x" in gatehouse("deliveries").output


def test_what_cannot_be_replayed_is_told_and_the_rest_is(gatehouse, came, ledger):
    with writing(ledger) as session:
        session.execute(update(DeliveryRow).where(DeliveryRow.id == "a").values(body="{"))
        session.execute(update(DeliveryRow).where(DeliveryRow.id == "c").values(source="pigeon"))
    answer = gatehouse("deliveries", "replay", "a", "c", "gatehouse:b", "never-came")
    assert answer.exit_code == 1
    assert "1 of 4 taken once more" in answer.output
    for said in ("not JSON", "'pigeon' is no dialect", "no such delivery came in"):
        assert said in answer.output


@pytest.mark.parametrize(
    "words", [(), ("a", "--all"), ("--all", "--since", "2026-11-23"), ("--since", "soon")]
)
def test_a_replay_of_nobody_knows_what_is_a_wrong_call(gatehouse, came, words):
    assert gatehouse("deliveries", "replay", *words).exit_code == 2


@pytest.mark.parametrize(
    ("environment", "words", "code", "said"),
    [
        pytest.param({}, ("sync",), 2, "GATEHOUSE_WEBHOOK_SECRET", id="no secret"),
        pytest.param({"WEBHOOK_SECRET": "long enough"}, ("sync",), 2, "GATEHOUSE_RECEIVER_URL", id="no address"),
        pytest.param(
            {"WEBHOOK_SECRET": "long enough"}, ("sync", "--url", "gatehouse.example"), 2, "--url", id="no scheme"
        ),
        pytest.param(
            {"WEBHOOK_SECRET": "long enough", "RECEIVER_URL": "http://127.0.0.1:8"}, ("sync",), 3,
            "cannot be asked", id="no server",
        ),
        pytest.param({}, ("list",), 3, "cannot be asked", id="list, no server"),
        pytest.param({}, ("test",), 3, "cannot be asked", id="test, no server"),
    ],
)  # fmt: skip
def test_what_is_missing_is_told(gatehouse, monkeypatch, environment, words, code, said):
    for name, value in environment.items():
        monkeypatch.setenv(f"GATEHOUSE_{name}", value)
    answer = gatehouse("webhooks", *words)
    assert (answer.exit_code, said in answer.output) == (code, True), answer.output


@pytest.mark.parametrize(
    "words", [("webhooks",), ("webhooks", "sync"), ("webhooks", "test"), ("webhooks", "list"), ("deliveries",), ("deliveries", "replay")],
)  # fmt: skip
def test_every_command_shows_an_example_of_itself(gatehouse, words):
    answer = gatehouse(*words, "--help")
    assert f"Example: gatehouse {words[0]}" in answer.output
