"""The receiver over a real ledger: what it answers, what it keeps, when it rings."""

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, text

from ledger.engine import open_ledger, reading
from ledger.tables import DeliveryRow, EventRow, WorkRow
from tests.webhooks import senders
from tests.webhooks.senders import NOW
from webhooks.receiver import create_app
from webhooks.settings import BODY_MAX

CREATED = {
    "name": "taxi-fare", "version": "3", "source": "models:/m-1", "run_id": "r", "tags": {}, "description": None,
}  # fmt: skip


def body(entity="model_version", action="created", data=CREATED):
    return json.dumps(
        {"entity": entity, "action": action, "timestamp": NOW.isoformat(), "data": data}
    ).encode()


def headers(payload, **signing):
    return {"Content-Type": "application/json"} | senders.mlflow(payload, **signing)


def post(client, payload, **signing):
    return senders.post(client, "mlflow", payload, **signing)


def count(ledger, table):
    with reading(ledger) as session:
        return session.scalar(select(func.count()).select_from(table))


def test_a_signed_delivery_is_stored_answered_202_and_rung(client, ledger, bell):
    answer = post(client, body())
    assert (answer.status_code, answer.json) == (202, {"status": "accepted"})
    assert (count(ledger, DeliveryRow), count(ledger, WorkRow), bell.rings) == (1, 1, 1)


def test_a_duplicate_is_answered_202_and_does_nothing(client, ledger, bell):
    post(client, body())
    answer = post(client, body())
    assert (answer.status_code, answer.json) == (202, {"status": "duplicate"})
    assert (count(ledger, EventRow), count(ledger, WorkRow), bell.rings) == (1, 1, 1)


@pytest.mark.parametrize(
    ("change", "signing"),
    [
        pytest.param({"X-MLflow-Signature": ""}, {}, id="no signature"),
        pytest.param({"X-MLflow-Signature": "v1,AAAA"}, {}, id="forged"),
        pytest.param({"X-MLflow-Signature": "v1,kein base64 é"}, {}, id="not base64"),
        pytest.param({"X-MLflow-Delivery-Id": "d-2"}, {}, id="another id"),
        pytest.param({"X-MLflow-Timestamp": "1"}, {}, id="another time"),
        pytest.param({}, {"secret": "guessed"}, id="another secret"),
        pytest.param({}, {"at": datetime(2026, 11, 23, 11, 0, tzinfo=UTC)}, id="an hour old"),
        pytest.param({}, {"at": datetime(2026, 11, 23, 13, 0, tzinfo=UTC)}, id="an hour ahead"),
        pytest.param({}, {"delivery": ""}, id="no id"),
    ],
)
def test_what_is_not_signed_now_is_401_and_leaves_nothing(client, ledger, bell, change, signing):
    answer = client.post("/webhooks/mlflow", data=body(), headers=headers(body(), **signing) | change)
    assert (answer.status_code, answer.json) == (401, {"error": "bad or stale signature"})
    assert (count(ledger, DeliveryRow), bell.rings) == (0, 0)


def test_mlflows_last_retry_is_not_too_old(client):
    assert post(client, body(), at=datetime(2026, 11, 23, 11, 50, tzinfo=UTC)).status_code == 202


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        pytest.param(b"", "not JSON", id="empty"),
        pytest.param(b"{", "not JSON", id="truncated"),
        pytest.param(b"\xff\xfe", "not JSON", id="not UTF-8"),
        pytest.param(b"[" * 100_000, "not JSON", id="nested too deep"),
        pytest.param(b"[]", "must be a JSON object", id="a list"),
        pytest.param(body(data=None), "data must be a JSON object", id="no data"),
        pytest.param(body(data={"version": "1"}), "'name' must be text", id="no name"),
        pytest.param(body(data=CREATED | {"name": 7}), "'name' must be text", id="a number for a name"),
        pytest.param(
            body(data=CREATED | {"name": "x" * 10_000}), "'name' must be text", id="a name without end"
        ),
        pytest.param(body(data=CREATED | {"version": "abc"}), "'version' must be", id="version abc"),
        pytest.param(
            body(data=CREATED | {"version": "1" + "0" * 30}), "'version' must be", id="version 10^30"
        ),
        pytest.param(body(data=CREATED | {"version": "0"}), "'version' must be", id="version 0"),
        pytest.param(body(data={"name": "m"}), "'version' must be", id="no version"),
    ],
)
def test_what_is_signed_and_malformed_is_400_and_says_what(client, ledger, payload, said):
    answer = post(client, payload)
    assert answer.status_code == 400
    assert said in answer.json["error"]
    assert count(ledger, DeliveryRow) == 0


def test_too_large_is_413(client):
    assert post(client, b" " * (BODY_MAX + 1)).status_code == 413


def test_another_content_type_is_415(client):
    answer = client.post(
        "/webhooks/mlflow", data=body(), headers=headers(body()) | {"Content-Type": "text/plain"}
    )
    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("payload", "kind", "reason"),
    [
        pytest.param(
            body("prompt", "created", {"name": "p"}), "foreign",
            "prompt.created is nothing that Gatehouse guards", id="a prompt",
        ),
        pytest.param(
            body("spaceship", "landed", {}), "foreign",
            "spaceship.landed is nothing that Gatehouse guards", id="an event of a later MLflow",
        ),
        pytest.param(
            body("model_version_tag", "set", CREATED | {"key": "gatehouse.decision", "value": "ask"}),
            "tag set", "Gatehouse's own tag", id="our own tag",
        ),
        pytest.param(
            body("registered_model", "created", {"name": "m", "tags": {}}), "model created",
            "no version is named, so there is nothing to judge", id="a model",
        ),
        pytest.param(
            body("model_version_alias", "deleted", {"name": "m", "alias": "a"}), "alias deleted",
            "no version is named, so there is nothing to judge", id="an alias deleted",
        ),
    ],
)  # fmt: skip
def test_what_nothing_follows_from_is_recorded_with_the_reason(
    client, ledger, events, bell, payload, kind, reason
):
    answer = post(client, payload)
    assert (answer.status_code, answer.json) == (202, {"status": "ignored"})
    assert [(each.event.kind, each.ignored) for each in events()] == [(kind, reason)]
    assert (count(ledger, WorkRow), bell.rings) == (0, 0)


@pytest.mark.parametrize("name", ["a/b", "模型 🚕", "<script>", "x" * 1000, "..", "a'b\"c"], ids=range(6))
def test_any_name_is_kept_as_it_is(client, ledger, name):
    assert post(client, body(data=CREATED | {"name": name})).status_code == 202
    with reading(ledger) as session:
        assert session.scalar(select(WorkRow.model)) == name


def test_a_ledger_that_does_not_answer_is_503_with_retry_after(client, ledger):
    with ledger.begin() as connection:
        connection.execute(text("drop table deliveries"))
    answer = post(client, body())
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert count(ledger, WorkRow) == 0


def test_healthz_answers_while_the_ledger_does(client):
    assert client.get("/healthz").status_code == 200


def test_healthz_is_503_while_the_ledger_is_away(bell, tmp_path):
    (tmp_path / "file").write_text("no database, and no room for one")
    engine = open_ledger(f"sqlite:///{tmp_path}/file")
    answer = create_app(engine, bell, secrets={}).test_client().get("/healthz")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_an_unknown_path_is_404_as_json(client):
    assert client.get("/nothing").json == {"error": client.get("/nothing").json["error"]}
    assert client.get("/nothing").status_code == 404
