"""What people type, answered by real workers' looks over the in-memory registry."""

import json
import threading
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from gatehouse.cli import main
from ledger import approvals
from ledger.engine import reading
from registry.memory import Seed
from registry.words import Stage
from tests.workers.conftest import PLAIN
from tests.workers.judging import latest, ring, stages
from workers.look import look
from workers.sweep import sweep_fully

GOOD = Seed(tags={"owner": "ada"}, logged={"val_rmse": 4.0}, authors=frozenset({"ada"}))
BAD = Seed(tags={"owner": "ada"}, logged={"val_rmse": 9.0}, authors=frozenset({"ada"}))


@pytest.fixture
def clock():
    """Commands know one clock only."""
    return lambda: datetime.now(UTC)


@pytest.fixture
def working(keeper):
    """A worker that looks at whatever is due, as long as the test runs."""
    over = threading.Event()

    def work():
        while not over.wait(0.02):
            while look(keeper):
                pass

    thread = threading.Thread(target=work)
    thread.start()
    yield
    over.set()
    thread.join()


@pytest.fixture
def call(ledger_url, tmp_path, policies, monkeypatch):
    monkeypatch.setenv("GATEHOUSE_LEDGER_URL", ledger_url)
    monkeypatch.setenv("GATEHOUSE_HOME", str(tmp_path))
    monkeypatch.setenv("GATEHOUSE_POLICIES", str(policies))
    return lambda *words: CliRunner().invoke(main, words)


@pytest.fixture
def waiting(keeper, registry, policies, call):
    (policies / "plain.yaml").write_text(PLAIN.replace("approvals: 1", "approvals: [{from: [pricing]}]"))
    (policies / "reviewers.yaml").write_text("groups: {pricing: [ada, grace]}\n")
    sweep_fully(keeper)
    registry.register("plain", GOOD)
    ring(keeper, "plain", 1)
    while look(keeper):
        pass
    assert stages(registry) == {1: Stage.STAGING}


def test_an_approval_promotes_and_the_answer_is_told(call, registry, waiting, working):
    said = call("approve", "plain", "1", "--as", "grace", "--comment", "fine")
    assert said.exit_code == 0, said.output
    assert "Recorded: approve by grace." in said.output
    assert "promote: " in said.output
    assert "approved by grace: fine" in said.output
    assert stages(registry) == {1: Stage.PRODUCTION}


def test_the_record_has_the_user_of_the_operating_system(call, ledger, waiting):
    call("comment", "plain", "1", "see TLC-812", "--as", "ada")
    with reading(ledger) as session:
        (one,) = approvals.of_version(session, "plain", 1)
    assert (one.vote, one.route, one.comment) == ("comment", "terminal", "see TLC-812")
    assert "@" in one.account


def test_a_rejection_a_request_and_a_withdrawal(call, registry, waiting, working):
    said = call("reject", "plain", "1", "--as", "grace", "--comment", "JFK is off", "--json")
    assert json.loads(said.stdout)["judged"]["answer"] == "reject"
    assert call("request", "plain", "1", "--as", "grace", "--comment", "my mistake").exit_code == 0
    waits_for(lambda: stages(registry) == {1: Stage.STAGING})
    waits_for(lambda: "plain" in call("requests", "--as", "grace").output)
    withdrawn = call("withdraw", "plain", "1", "--as", "grace")
    assert (withdrawn.exit_code, "nothing on plain 1 that could be withdrawn" in withdrawn.stderr) == (
        1,
        True,
    )


def waits_for(what):
    for _ in range(200):
        if what():
            return
        threading.Event().wait(0.05)
    assert what()


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        pytest.param(["approve", "plain", "1", "--as", "ada"], 1, "nobody approves their own", id="own"),
        pytest.param(["approve", "plain", "1", "--as", "zoe"], 1, "in none of the groups", id="stranger"),
        pytest.param(["approve", "plain", "1", "--as", ""], 1, "nobody is named", id="nobody"),
        pytest.param(["approve", "plain", "9", "--as", "grace"], 3, "has not been judged yet", id="not judged"),
        pytest.param(["approve", "plain", "1"], 2, "--as", id="no name"),
        pytest.param(["reject", "plain", "1", "--as", "grace"], 2, "--comment", id="no comment"),
        pytest.param(["reject", "plain", "1", "--as", "grace", "--comment", " "], 1, "say why", id="empty comment"),
        pytest.param(["approve", "plain", "1", "--as", "grace", "--seen", "beef"], 1, "no longer what you have seen", id="outdated"),
        pytest.param(["promote", "plain", "1", "--as", "grace", "--reason", "x"], 1, "it has no break_glass", id="no glass"),
        pytest.param(["promote", "plain", "1", "--as", "grace"], 2, "--reason", id="no reason"),
        pytest.param(["hold", "plain", "--all", "--as", "grace", "--reason", "x"], 2, "name one model", id="both"),
        pytest.param(["hold", "--as", "grace", "--reason", "x"], 2, "name one model", id="neither"),
        pytest.param(["hold", "plain", "--as", "grace"], 2, "say who you are and why", id="hold without reason"),
        pytest.param(["hold", "plane", "--as", "grace", "--reason", "x"], 1, "no registered model 'plane'", id="unknown"),
        pytest.param(["resume", "plain", "--as", "grace", "--reason", "x"], 1, "not held", id="not held"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_with_its_exit_code(call, waiting, words, code, why):
    said = call(*words)
    assert (said.exit_code, why in said.stderr) == (code, True), said.output


def test_requests_tell_what_waits_for_whom(call, waiting):
    (row,) = json.loads(call("requests", "--as", "grace", "--json").output)
    assert (row["model"], row["version"], row["asked"]) == ("plain", 1, ["pricing (1)"])
    assert row["open_to_you"] == ["approve", "reject", "comment"]
    assert "pricing (1)" in call("requests", "plain").output
    assert "Nothing waits for ada.\nplain 1: ada made plain 1" in call("requests", "--as", "ada").output
    assert call("requests", "other").output == "Nothing waits for anybody.\n"


def test_what_was_seen_is_what_is_approved(call, registry, waiting, working):
    (row,) = json.loads(call("requests", "--json").output)
    assert json.loads(call("explain", "plain", "1", "--json").output)["seen"] == row["seen"]
    assert call("approve", "plain", "1", "--as", "grace", "--seen", row["seen"][:6]).exit_code == 0
    waits_for(lambda: stages(registry) == {1: Stage.PRODUCTION})


@pytest.mark.parametrize("of", ["plain", "--all"])
def test_a_hold_is_listed_until_it_is_resumed(call, keeper, waiting, of):
    why = ("--as", "grace", "--reason", "odd fares")
    assert call("hold", of, *why).exit_code == 0
    (held,) = json.loads(call("hold", "--list", "--json").output)
    assert (held["model"], held["by"], held["reason"]) == (
        None if of == "--all" else of,
        "grace",
        "odd fares",
    )
    while look(keeper):
        pass
    assert latest(keeper, 1).decision.answer == "hold"
    assert json.loads(call("resume", of, *why, "--json").output)["verb"] == "resume"
    assert call("hold", "--list").output == "Nothing is held.\n"


def test_the_glass_is_broken_from_the_terminal(call, keeper, registry, policies, waiting, working):
    path = policies / "plain.yaml"
    path.write_text(f"break_glass: [grace]\n{path.read_text()}")
    registry.register("plain", BAD)
    ring(keeper, "plain", 2)
    waits_for(lambda: latest(keeper, 2) is not None and stages(registry)[2] is Stage.ARCHIVED)
    said = call("promote", "plain", "2", "--as", "grace", "--reason", "fares of 0 since noon")
    assert "promote: promoted over the gate's head by grace: fares of 0 since noon" in said.output
    waits_for(lambda: stages(registry)[2] is Stage.PRODUCTION)


@pytest.mark.parametrize(
    "command",
    ["approve", "reject", "withdraw", "comment", "request", "requests", "promote", "hold", "resume"],
)
def test_every_command_has_an_example(call, command):
    assert f"Example: gatehouse {command}" in call(command, "--help").output
