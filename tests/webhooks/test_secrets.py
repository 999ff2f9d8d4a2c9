"""Secrets: several at once, replaced while deliveries are under way, and never shown."""

import threading

import pytest
from pydantic import ValidationError

from tests.webhooks.senders import NOW, PLUGIN_SECRET, post, recorded
from webhooks.receiver import create_app
from webhooks.settings import ReceiverSettings
from webhooks.signatures import signed_by_any

NEW = {
    "mlflow": "the new secret",
    "databricks": "the new secret",
    "gatehouse": "whsec_" + "bmV3IGtleSBm" * 3,
}
OLD = {"mlflow": "the old secret", "databricks": "the old secret", "gatehouse": PLUGIN_SECRET}
EVENT = {
    "mlflow": "model_version.created",
    "databricks": "MODEL_VERSION_CREATED",
    "gatehouse": "model_version.stage_changed",
}
VARIABLES = ("GATEHOUSE_WEBHOOK_SECRET", "GATEHOUSE_DATABRICKS_SECRET", "GATEHOUSE_PLUGIN_SECRET")


@pytest.fixture(autouse=True)
def _bare(monkeypatch, tmp_path):
    monkeypatch.setenv("GATEHOUSE_HOME", str(tmp_path))
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def app_with(ledger, bell, secrets):
    return create_app(ledger, bell, secrets=secrets, now=lambda: NOW).test_client()


@pytest.mark.parametrize("source", list(NEW))
@pytest.mark.parametrize(
    ("valid", "signed_with", "status"),
    [
        pytest.param((OLD,), OLD, 202, id="before"),
        pytest.param((OLD,), NEW, 401, id="before, with the new one"),
        pytest.param((NEW, OLD), OLD, 202, id="meanwhile, with the old one"),
        pytest.param((NEW, OLD), NEW, 202, id="meanwhile, with the new one"),
        pytest.param((NEW,), NEW, 202, id="after"),
        pytest.param((NEW,), OLD, 401, id="after, with the old one"),
    ],
)
def test_a_secret_is_replaced_step_by_step(ledger, bell, source, valid, signed_with, status):
    client = app_with(ledger, bell, {source: [each[source] for each in valid]})
    answer = post(client, source, recorded(source, EVENT[source]), secret=signed_with[source])
    assert answer.status_code == status


def test_nothing_is_refused_while_a_secret_is_replaced_under_load(ledger, bell):
    receivers = [
        app_with(ledger, bell, {"mlflow": valid})
        for valid in ([OLD["mlflow"]], [NEW["mlflow"], OLD["mlflow"]], [NEW["mlflow"]])
    ]
    body, step, answers = recorded("mlflow", "model_version.created"), [0], []
    in_use = [(0, "mlflow"), (1, "mlflow"), (1, "mlflow"), (2, "mlflow")]

    def send(sender):
        for number in range(25):
            at = step[0]
            secret = (OLD if at < 2 else NEW)["mlflow"]
            client = receivers[in_use[at][0]]
            answers.append(
                post(client, "mlflow", body, secret=secret, delivery=f"{sender}-{number}").status_code
            )
            # First the receiver takes both, then MLflow signs with the new one, then the old one goes.
            step[0] = min(3, len(answers) // 25)

    senders = [threading.Thread(target=send, args=(n,)) for n in range(4)]
    for thread in senders:
        thread.start()
    for thread in senders:
        thread.join()
    assert (len(answers), set(answers), step[0]) == (100, {202}, 3)


@pytest.mark.parametrize(
    ("setting", "secrets"),
    [
        pytest.param("only-one-secret", ["only-one-secret"], id="one"),
        pytest.param("new-secret,old-secret", ["new-secret", "old-secret"], id="commas"),
        pytest.param("new-secret\nold-secret\n", ["new-secret", "old-secret"], id="lines, as in a file"),
        pytest.param(" new secret , old secret ,", ["new secret", "old secret"], id="blanks around"),
    ],
)
def test_a_setting_may_hold_several(monkeypatch, setting, secrets):
    monkeypatch.setenv("GATEHOUSE_WEBHOOK_SECRET", setting)
    assert ReceiverSettings().secrets() == {"mlflow": secrets}


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        pytest.param({}, "set one of GATEHOUSE_WEBHOOK_SECRET", id="none at all"),
        pytest.param({"GATEHOUSE_WEBHOOK_SECRET": "hushhu"}, "8 characters", id="too short"),
        pytest.param({"GATEHOUSE_WEBHOOK_SECRET": "good-enough,hushhu"}, "8 characters", id="one too short"),
        pytest.param({"GATEHOUSE_WEBHOOK_SECRET": ""}, "8 characters", id="empty"),
        pytest.param({"GATEHOUSE_WEBHOOK_SECRET": ","}, "8 characters", id="only a comma"),
        pytest.param({"GATEHOUSE_PLUGIN_SECRET": "hushhush"}, "whsec_", id="plug-in, not of the standard"),
        pytest.param({"GATEHOUSE_PLUGIN_SECRET": "whsec_hush"}, "24 to 64", id="plug-in, too short"),
        pytest.param({"GATEHOUSE_PLUGIN_SECRET": "whsec_hush!"}, "24 to 64", id="plug-in, not base64"),
    ],
)
def test_a_secret_that_is_none_stops_the_receiver_and_is_not_shown(monkeypatch, environment, said):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as refused:
        ReceiverSettings()
    assert said in str(refused.value)
    assert "hush" not in str(refused.value)


def test_every_signature_is_compared_with_every_secret():
    assert signed_by_any([b"a", b"b"], b"m", [b"", bytes(32)]) is False
    assert signed_by_any([], b"m", [b""]) is False
    assert signed_by_any([b"a"], b"m", []) is False
