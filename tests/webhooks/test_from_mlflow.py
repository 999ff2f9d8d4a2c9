"""Against a real MLflow server: what it sends is taken, its secret can be replaced, its sample is known."""

import json
import threading
import time

import pytest
from click.testing import CliRunner
from mlflow import MlflowClient
from mlflow.entities.webhook import WebhookEvent
from mlflow.webhooks.types import get_example_payload_for_event
from sqlalchemy import func, select
from werkzeug.serving import make_server

from gatehouse.cli import main
from ledger.engine import reading
from ledger.tables import DeliveryRow, WorkRow
from registry.events import EventKind
from registry.mlflow_webhooks import EVENTS, NAME, ensure_webhook
from tests.webhooks.senders import SECRETS
from webhooks import mlflow_dialect
from webhooks.receiver import create_app

OLD, NEW = "the secret until now", "the secret from now on"
CACHED_S = 1.2
"""The test server keeps its list of webhooks for a second."""
PATIENCE_S = 15


class Receiver:
    """A receiver on a port of its own, whose valid secrets can be changed."""

    def __init__(self, ledger, bell):
        self.secrets = {"mlflow": [OLD]}
        self.server = make_server(
            "127.0.0.1", 0, create_app(ledger, bell, secrets=self.secrets), threaded=True
        )
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.hook = f"{self.url}/webhooks/mlflow"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def mlflow(mlflow_server):
    client = MlflowClient(mlflow_server, mlflow_server)
    yield client
    for hook in client.list_webhooks():
        client.delete_webhook(hook.webhook_id)


@pytest.fixture
def receiver(ledger, bell):
    server = Receiver(ledger, bell)
    yield server
    server.stop()


@pytest.fixture
def gatehouse(monkeypatch, tmp_path, mlflow_server, receiver):
    """The command line, told where everything is."""
    settings = {
        "HOME": tmp_path, "LEDGER_URL": f"sqlite:///{tmp_path}/ledger.db", "REGISTRY_URL": mlflow_server,
        "RECEIVER_URL": receiver.url, "WEBHOOK_SECRET": f"{NEW},{OLD}",
    }  # fmt: skip
    for name, value in settings.items():
        monkeypatch.setenv(f"GATEHOUSE_{name}", str(value))
    return lambda *words: CliRunner().invoke(main, words)


def soon(condition):
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.05)
    pytest.fail("it did not come")


@pytest.mark.mlflow
def test_what_happens_at_mlflow_is_told(mlflow, mlflow_server, receiver, events):
    ensure_webhook(mlflow_server, name=NAME, url=receiver.hook, secret=OLD)
    time.sleep(CACHED_S)
    mlflow.create_registered_model("told")
    mlflow.create_model_version("told", "s3://models/told", tags={"owner": "ada"})
    mlflow.set_model_version_tag("told", "1", "owner", "grace")
    mlflow.set_registered_model_alias("told", "champion", "1")
    mlflow.delete_registered_model_alias("told", "champion")
    mlflow.delete_model_version_tag("told", "1", "owner")
    expected = {
        (EventKind.MODEL_CREATED, None), (EventKind.VERSION_CREATED, 1), (EventKind.TAG_SET, 1),
        (EventKind.ALIAS_SET, 1), (EventKind.ALIAS_DELETED, None), (EventKind.TAG_DELETED, 1),
    }  # fmt: skip
    soon(lambda: len(events()) >= len(expected))
    assert {(kept.event.kind, kept.event.version) for kept in events()} == expected
    assert {kept.event.model for kept in events()} == {"told"}


@pytest.mark.mlflow
def test_a_secret_is_replaced_and_nothing_is_refused(mlflow, mlflow_server, receiver, ledger, gatehouse):
    ensure_webhook(mlflow_server, name=NAME, url=receiver.hook, secret=OLD)
    mlflow.create_registered_model("turning")
    mlflow.create_model_version("turning", "s3://models/turning")
    time.sleep(CACHED_S)
    over = threading.Event()
    sent = []

    def keep_tagging():
        while not over.is_set():
            mlflow.set_model_version_tag("turning", "1", f"t{len(sent)}", "x")
            sent.append(1)

    tagging = threading.Thread(target=keep_tagging)
    tagging.start()
    try:
        receiver.secrets["mlflow"] = [NEW, OLD]
        assert gatehouse("webhooks", "sync").exit_code == 0
        time.sleep(CACHED_S)
        receiver.secrets["mlflow"] = [NEW]
        time.sleep(0.3)
    finally:
        over.set()
        tagging.join()

    def taken():
        with reading(ledger) as session:
            tags = select(func.count()).where(DeliveryRow.body.contains("model_version_tag"))
            return session.scalar(tags.select_from(DeliveryRow))

    soon(lambda: taken() >= len(sent))
    assert taken() == len(sent) > 0


@pytest.mark.mlflow
def test_the_commands_make_show_and_try_the_webhook(mlflow, receiver, ledger, gatehouse):
    receiver.secrets["mlflow"] = [NEW]
    assert "gatehouse webhooks sync" in gatehouse("webhooks", "list").output
    assert "run: gatehouse webhooks sync" in gatehouse("webhooks", "test").output
    mlflow.create_webhook("others", "http://127.0.0.1:9/x", ["model_version.created"])
    made = json.loads(gatehouse("webhooks", "sync", "--json").output)
    assert (made["url"], made["changed"]) == (receiver.hook, True)
    assert json.loads(gatehouse("webhooks", "sync", "--json").output)["changed"] is False

    tried = gatehouse("webhooks", "test")
    assert (tried.exit_code, "stands in the ledger" in tried.output) == (0, True)
    listed = {hook["name"]: hook for hook in json.loads(gatehouse("webhooks", "list", "--json").output)}
    assert (listed["gatehouse"]["ours"], listed["gatehouse"]["missing"]) == (True, [])
    assert listed["gatehouse"]["last_delivery"] is not None
    assert (listed["others"]["ours"], listed["others"]["last_delivery"]) == (False, None)
    assert "not ours" in gatehouse("webhooks", "list").output
    with reading(ledger) as session:
        assert session.scalars(select(WorkRow)).all() == []


@pytest.mark.mlflow
@pytest.mark.parametrize(
    ("valid", "said"), [([SECRETS["mlflow"][0]], "401"), ([], "404")], ids=["another secret", "no secret"]
)
def test_a_sample_that_does_not_arrive_is_told(mlflow, receiver, gatehouse, valid, said):
    gatehouse("webhooks", "sync")
    receiver.secrets["mlflow"] = valid
    tried = gatehouse("webhooks", "test")
    assert (tried.exit_code, "in vain" in tried.output, said in tried.output) == (1, True, True)


@pytest.mark.mlflow
def test_a_sample_that_arrives_elsewhere_is_told(mlflow, receiver, gatehouse, monkeypatch, tmp_path):
    receiver.secrets["mlflow"] = [NEW]
    gatehouse("webhooks", "sync")
    elsewhere = tmp_path / "elsewhere.db"
    monkeypatch.setenv("GATEHOUSE_LEDGER_URL", f"sqlite:///{elsewhere}")
    assert gatehouse("ledger", "upgrade").exit_code == 0
    tried = gatehouse("webhooks", "test")
    assert (tried.exit_code, "yet this ledger has nothing" in tried.output) == (1, True)


@pytest.mark.parametrize("event", EVENTS)
def test_mlflows_own_sample_is_known_for_what_it_is(event):
    data = get_example_payload_for_event(WebhookEvent.from_str(event))
    entity, action = event.split(".")
    body = {"entity": entity, "action": action, "timestamp": "2026-11-23T12:00:00+00:00", "data": data}
    assert mlflow_dialect.parse(json.dumps(body).encode()).detail["sample"] == "mlflow"
    body["data"] = data | {"name": "fare"}
    assert "sample" not in mlflow_dialect.parse(json.dumps(body).encode()).detail
