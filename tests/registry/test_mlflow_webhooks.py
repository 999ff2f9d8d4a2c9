"""The webhook is there once, complete, and its traps are told with their remedy."""

import json

import pytest

from registry.errors import RegistryRefused, RegistryUnavailable
from registry.mlflow_webhooks import EVENTS, ensure_webhook

URL = "http://127.0.0.1:9/webhooks/mlflow"


@pytest.fixture
def ensure(mlflow_server, name):
    return lambda url=URL, secret="s3cret": ensure_webhook(mlflow_server, name=name, url=url, secret=secret)


@pytest.fixture
def hooks(mlflow_client, name):
    yield lambda: [hook for hook in mlflow_client.list_webhooks() if hook.name == name]
    for hook in mlflow_client.list_webhooks():
        mlflow_client.delete_webhook(hook.webhook_id)


@pytest.mark.mlflow
def test_the_webhook_is_created_once(ensure, hooks):
    assert ensure()
    assert not ensure()
    [hook] = hooks()
    assert hook.url == URL
    assert {str(event) for event in hook.events} == set(EVENTS)


@pytest.mark.mlflow
def test_another_address_is_taken_over(ensure, hooks):
    ensure()
    assert ensure(url="http://127.0.0.1:10/webhooks/mlflow")
    assert [hook.url for hook in hooks()] == ["http://127.0.0.1:10/webhooks/mlflow"]


@pytest.mark.mlflow
def test_a_webhook_that_was_cut_down_is_made_whole(ensure, hooks, mlflow_client):
    ensure()
    [hook] = hooks()
    mlflow_client.update_webhook(hook.webhook_id, events=["model_version.created"], status="DISABLED")
    assert ensure()
    [hook] = hooks()
    assert len(hook.events) == len(EVENTS)
    assert hook.status.is_active()


@pytest.mark.mlflow
def test_twins_of_the_webhook_are_removed(ensure, hooks, mlflow_client, name):
    for _ in range(2):
        mlflow_client.create_webhook(name=name, url=URL, events=list(EVENTS))
    assert ensure()
    assert len(hooks()) == 1


@pytest.mark.mlflow
def test_a_refused_scheme_is_told_with_its_setting(ensure, hooks):
    with pytest.raises(RegistryRefused, match="MLFLOW_WEBHOOK_ALLOWED_SCHEMES"):
        ensure(url="ftp://127.0.0.1/hook")
    assert hooks() == []


@pytest.mark.parametrize(
    ("status", "code", "message", "remedy"),
    [
        pytest.param(
            400,
            "INVALID_PARAMETER_VALUE",
            "Webhook URL must not resolve to a non-public IP address.",
            "MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS=true",
            id="private address",
        ),
        pytest.param(500, "INTERNAL_ERROR", "", "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY", id="another key"),
    ],
)
def test_a_trap_is_told_with_its_remedy(stub, status, code, message, remedy):
    stub.answer = (status, json.dumps({"error_code": code, "message": message}))
    with pytest.raises(RegistryRefused, match=remedy):
        ensure_webhook(stub.url, name="w", url=URL, secret="s")


def test_a_server_that_is_away_may_be_tried_again():
    with pytest.raises(RegistryUnavailable):
        ensure_webhook("http://127.0.0.1:9", name="w", url=URL, secret="s")
