"""Every recorded payload is understood: the file's name is the event."""

import base64
import json
from datetime import UTC, datetime

import pytest

from registry.events import EventKind, RegistryEvent
from registry.server_plugin.wire import Change, body_of, headers_of
from registry.words import Stage
from tests.webhooks.senders import FIXTURES, NOW, PLUGIN_SECRET, post, recorded
from webhooks import mlflow_dialect
from webhooks.dialects import DIALECTS

FARE = "taxi-fare"


def event(kind, version=None, *, detail=None, **told):
    return RegistryEvent(
        kind=kind, model=told.pop("model", FARE), version=version, detail=detail or {}, **told
    )


def bricks(kind, text, *, version=2, detail=None, **told):
    return event(kind, version, detail={"text": text} if detail is None else detail, at=NOW, **told)


K, S = EventKind, Stage
CLAIM = {"workspace": "default"}
MLFLOW = {
    "registered_model.created": event(K.MODEL_CREATED),
    "model_version.created": event(K.VERSION_CREATED, 1),
    "model_version.created_in_a_workspace": event(K.VERSION_CREATED, 1, detail=CLAIM),
    "model_version_tag.set": event(K.TAG_SET, 1, detail={"key": "owner", "value": "grace"}),
    "model_version_tag.set_in_a_workspace": event(
        K.TAG_SET, 1, detail={"key": "owner", "value": "grace"} | CLAIM
    ),
    "model_version_tag.deleted": event(K.TAG_DELETED, 1, detail={"key": "owner"}),
    "model_version_alias.created": event(K.ALIAS_SET, 1, detail={"alias": "champion"}),
    "model_version_alias.deleted": event(K.ALIAS_DELETED, detail={"alias": "champion"}),
    "prompt.created": event(K.FOREIGN, model="greeting", detail={"sender": "prompt.created"}),
    "prompt_version.created": event(K.FOREIGN, model="greeting", detail={"sender": "prompt_version.created"}),
}
DATABRICKS = {
    "REGISTERED_MODEL_CREATED": bricks(K.MODEL_CREATED, "ada@example.org made taxi-fare", version=None),
    "MODEL_VERSION_CREATED": bricks(K.VERSION_CREATED, "ada@example.org made version 2"),
    "MODEL_VERSION_TRANSITIONED_STAGE": bricks(
        K.STAGE_CHANGED, "ada@example.org transitioned version 2 of taxi-fare from None to Staging",
        from_stage=S.NONE, to_stage=S.STAGING,
    ),
    "MODEL_VERSION_TRANSITIONED_TO_STAGING": bricks(K.STAGE_CHANGED, "version 2 of taxi-fare is in Staging now", to_stage=S.STAGING),
    "MODEL_VERSION_TRANSITIONED_TO_PRODUCTION": bricks(K.STAGE_CHANGED, "version 2 of taxi-fare is in Production now", to_stage=S.PRODUCTION),
    "MODEL_VERSION_TRANSITIONED_TO_ARCHIVED": bricks(K.STAGE_CHANGED, "version 2 of taxi-fare is in Archived now", to_stage=S.ARCHIVED),
    "MODEL_VERSION_TAG_SET": bricks(K.TAG_SET, "", detail={"key": "owner", "value": "grace"}),
    "MODEL_VERSION_TAG_SET_our_own_and_another": bricks(K.TAG_SET, "", detail={"key": "owner", "value": "ada"}),
    "TRANSITION_REQUEST_CREATED": bricks(
        K.TRANSITION_REQUESTED, "ada@example.org requested Production for version 2",
        from_stage=S.STAGING, to_stage=S.PRODUCTION,
    ),
    "TRANSITION_REQUEST_TO_STAGING_CREATED": bricks(K.TRANSITION_REQUESTED, "ada@example.org requested Staging for version 2 of taxi-fare", to_stage=S.STAGING),
    "TRANSITION_REQUEST_TO_PRODUCTION_CREATED": bricks(K.TRANSITION_REQUESTED, "ada@example.org requested Production for version 2 of taxi-fare", to_stage=S.PRODUCTION),
    "TRANSITION_REQUEST_TO_ARCHIVED_CREATED": bricks(K.TRANSITION_REQUESTED, "ada@example.org requested Archived for version 2 of taxi-fare", to_stage=S.ARCHIVED),
    "COMMENT_CREATED": bricks(
        K.FOREIGN, "", version=None, detail={"sender": "COMMENT_CREATED", "comment": "JFK fares look high"},
    ),
    "SPACESHIP_LANDED": event(K.FOREIGN, model="", detail={"sender": "SPACESHIP_LANDED"}),
    "job_notebook": bricks(K.VERSION_CREATED, "by a job"),
    "job_python": bricks(K.VERSION_CREATED, "by a job"),
    "job_of_several_tasks": bricks(K.VERSION_CREATED, "by a job"),
}  # fmt: skip
GATEHOUSE = {
    "model_version.stage_changed": event(
        K.STAGE_CHANGED, 2, from_stage=S.STAGING, to_stage=S.PRODUCTION, detail={"actor": "ada"}, at=NOW
    ),
    "model_version.stage_changed_by_nobody_known": event(
        K.STAGE_CHANGED, 2, to_stage=S.ARCHIVED, model="team-a/taxi-fare", at=NOW
    ),
    "model_version.deleted": event(
        K.VERSION_DELETED, 2, from_stage=S.ARCHIVED, detail={"actor": "ada"}, at=NOW
    ),
    "model_version.renamed": event(K.FOREIGN, detail={"sender": "model_version.renamed"}),
}
EXPECTED = {"mlflow": MLFLOW, "databricks": DATABRICKS, "gatehouse": GATEHOUSE}
CASES = [
    pytest.param(source, name, expected, id=f"{source}/{name}")
    for source, table in EXPECTED.items()
    for name, expected in table.items()
]


@pytest.mark.parametrize(("source", "name", "expected"), CASES)
def test_a_recorded_delivery_is_taken_and_understood(client, events, source, name, expected):
    answer = post(client, source, recorded(source, name))
    assert answer.status_code == 202
    [kept] = events()
    assert (kept.event, kept.origin) == (expected, f"{source} webhook")
    assert answer.json["status"] == ("ignored" if kept.ignored else "accepted")


@pytest.mark.parametrize("source", list(EXPECTED))
def test_every_recorded_payload_has_its_row(source):
    assert {path.stem for path in (FIXTURES / source).iterdir()} == set(EXPECTED[source])


@pytest.mark.parametrize("source", list(EXPECTED))
def test_every_dialect_finds_a_repetition(client, events, source):
    body = recorded(source, next(iter(EXPECTED[source])))
    assert post(client, source, body).json["status"] in {"accepted", "ignored"}
    assert post(client, source, body).json["status"] == "duplicate"
    assert len(events()) == 1


def test_every_dialect_has_recorded_payloads():
    assert set(EXPECTED) == set(DIALECTS)


def test_an_id_of_one_sender_is_not_anothers(client, events):
    post(client, "mlflow", recorded("mlflow", "model_version.created"), delivery="same")
    post(client, "gatehouse", recorded("gatehouse", "model_version.stage_changed"), delivery="same")
    assert len(events()) == 2


@pytest.mark.parametrize(
    "tags",
    [[{"key": "gatehouse.decision", "value": "ask"}], [{"key": "gatehouse.a"}, {"key": "gatehouse.b"}]],
    ids=["one", "two"],
)
def test_only_our_own_tags_at_databricks_are_ignored(client, events, tags):
    body = json.loads(recorded("databricks", "MODEL_VERSION_TAG_SET")) | {"tags": tags}
    post(client, "databricks", json.dumps(body).encode())
    assert events()[0].ignored == "Gatehouse's own tag"


def test_unknown_fields_are_taken_as_they_come(client):
    body = json.loads(recorded("databricks", "MODEL_VERSION_CREATED")) | {"new": [{"in": 2027}]}
    assert post(client, "databricks", json.dumps(body).encode()).status_code == 202


def test_a_databricks_delivery_without_a_time_is_taken(client, events):
    body = json.loads(recorded("databricks", "MODEL_VERSION_TRANSITIONED_STAGE"))
    del body["event_timestamp"]
    assert post(client, "databricks", json.dumps(body).encode()).json == {"status": "accepted"}
    assert events()[0].event.at is None


def test_a_transition_request_has_its_version_looked_at(client, bell):
    post(client, "databricks", recorded("databricks", "TRANSITION_REQUEST_CREATED"))
    assert bell.rings == 1


@pytest.mark.parametrize("name", sorted(MLFLOW))
def test_nothing_real_is_taken_for_mlflows_sample(name):
    assert "sample" not in mlflow_dialect.parse(recorded("mlflow", name)).detail


def test_a_dialects_path_is_its_source():
    assert {dialect.path for dialect in DIALECTS.values()} == {
        "/webhooks/mlflow", "/webhooks/databricks", "/webhooks/gatehouse",
    }  # fmt: skip


def test_times_are_those_of_the_registry(client, events):
    body = json.loads(recorded("gatehouse", "model_version.stage_changed"))
    body["timestamp"] = "2026-11-23T13:59:58.250+02:00"
    post(client, "gatehouse", json.dumps(body).encode())
    assert events()[0].event.at == datetime(2026, 11, 23, 11, 59, 58, 250_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("to_stage", "kind"), [("Production", K.STAGE_CHANGED), ("Deleted_Internal", K.VERSION_DELETED)]
)
def test_what_our_own_plug_in_sends_is_taken(client, events, to_stage, kind):
    change = Change("msg_1", FARE, 2, "Staging", to_stage, "ada", None, int(NOW.timestamp() * 1000))
    key = base64.b64decode(PLUGIN_SECRET.removeprefix("whsec_"))
    headers = headers_of("msg_1", body_of(change), key=key, now=NOW.timestamp())
    assert client.post("/webhooks/gatehouse", data=body_of(change), headers=headers).status_code == 202
    assert [(kept.event.kind, kept.event.detail, kept.event.at) for kept in events()] == [
        (kind, {"actor": "ada"}, NOW)
    ]
