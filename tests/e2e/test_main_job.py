"""The main job through real servers: candidates made elsewhere, judged, promoted, archived, approved."""

import json
import re
import shlex
import urllib.request
from pathlib import Path

import pytest

from ledger import outbox
from ledger.engine import reading
from registry.mlflow_registry import MlflowRegistry
from registry.words import Stage

pytestmark = [pytest.mark.e2e, pytest.mark.mlflow]
UP = "Staging -> Production"


@pytest.fixture
def registry(stack):
    return MlflowRegistry(stack.site.registry_url)


def stage(registry, model, version):
    return registry.version(model, version).stage


def test_a_first_version_goes_to_production_and_a_worse_one_is_archived(stack, registry):
    first = stack.candidate("fare-line", "straight_line")
    stack.decided("fare-line", first, UP, "promote")
    assert stack.eventually(lambda: stage(registry, "fare-line", first) is Stage.PRODUCTION)
    assert stack.eventually(lambda: "champion" in registry.version("fare-line", first).aliases)
    worse = stack.candidate("fare-line", "flat")
    judged = stack.decided("fare-line", worse, UP, "reject")
    assert stack.eventually(lambda: stage(registry, "fare-line", worse) is Stage.ARCHIVED)
    assert "against the champion's" in judged.decision.reasons[0]
    explained = stack.gatehouse("explain", "fare-line", str(worse))
    assert explained.returncode == 0
    assert judged.decision.reasons[0].split(": ", 1)[1] in " ".join(explained.stdout.split())


@pytest.mark.keras
def test_a_better_network_waits_for_a_reviewer_who_is_not_its_author(stack, registry):
    first = stack.candidate("fare-network", "straight_line")
    stack.decided("fare-network", first, UP, "promote")
    better = stack.candidate("fare-network", "network")
    judged = stack.decided("fare-network", better, UP, "ask")
    assert judged.decision.missing_approvals == 1
    own = stack.gatehouse("approve", "fare-network", str(better), "--as", author(registry, better))
    assert own.returncode == 1
    assert "nobody approves their own version" in own.stderr
    approved = stack.gatehouse("approve", "fare-network", str(better), "--as", "grace", "--json")
    assert approved.returncode == 0, approved.stderr
    assert json.loads(approved.stdout)["judged"]["answer"] == "promote"
    assert stack.eventually(lambda: stage(registry, "fare-network", better) is Stage.PRODUCTION)
    assert stage(registry, "fare-network", first) is Stage.ARCHIVED


def author(registry, version):
    return next(iter(registry.facts(registry.version("fare-network", version)).authors))


def test_a_version_moved_to_staging_by_hand_is_validated(stack, registry):
    version = stack.candidate("by-hand", "straight_line")
    registry.transition("by-hand", version, Stage.STAGING)
    stack.decided("by-hand", version, UP, "ask")


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("unsigned", "signature"), ("gone", "artifacts")],
    ids=["a model without signature", "a model whose artifacts are gone"],
)
def test_what_cannot_be_judged_fails_at_the_first_gate(stack, registry, kind, reason):
    version = stack.candidate(f"fare-{kind}", kind)
    judged = stack.decided(f"fare-{kind}", version, "None -> Staging", "reject")
    assert judged.decision.reasons[0].startswith(f"{reason}: ")
    assert stack.eventually(lambda: stage(registry, f"fare-{kind}", version) is Stage.ARCHIVED)


def test_a_model_without_policy_is_told_of_once_and_left_alone(stack, registry):
    versions = [stack.candidate("nobodys", "flat") for _ in range(2)]

    def told():
        with reading(stack.ledger) as session:
            return [row.state for row in outbox.messages(session, model="nobodys")]

    assert stack.eventually(lambda: told() == ["sent"])
    assert [stage(registry, "nobodys", version) for version in versions] == [Stage.NONE, Stage.NONE]


def test_validate_judges_without_a_server_of_ours(stack):
    version = stack.candidate("elsewhere", "straight_line")
    policies = stack.home.parent / "alone"
    policies.mkdir()
    text = (stack.home.parent / "policies" / "e2e.yaml").read_text().replace("fare-*", "elsewhere")
    (policies / "alone.yaml").write_text(text)
    done = stack.gatehouse(
        "validate", "elsewhere", str(version), "--to", "production", "--policies", str(policies), "--json",
        "--report", str(policies / "page.html"),
        E2E_HOLDOUT=str(stack.home.parent / "holdout.csv"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    verdicts = {v["gate"]: v["outcome"] for v in json.loads(done.stdout)["verdicts"]}
    assert verdicts == {"loads": "pass", "rmse": "pass", "mae against champion": "skip"}
    assert "Predicted against actual fare_amount" in (policies / "page.html").read_text()


def test_the_console_shows_what_the_ledger_knows(stack):
    version = stack.candidate("fare-shown", "straight_line")
    stack.decided("fare-shown", version, UP, "promote")
    with urllib.request.urlopen(f"{stack.site.console_url}/models/fare-shown/{version}") as page:
        assert "at most 15.00 allowed" in page.read().decode()


def test_the_report_is_shown_named_and_logged_and_changes_nothing(stack, registry):
    version = stack.candidate("fare-reported", "straight_line")
    stack.decided("fare-reported", version, UP, "promote")
    seen = registry.version("fare-reported", version)
    page = "gatehouse/fare-reported-1/report.html"
    # The move to Staging has a report, too; the run has the later one.
    assert stack.eventually(
        lambda: b"Errors of the candidate" in (registry.run_file(seen, page, 10**7) or b"")
    )
    assert registry.run_file(seen, "gatehouse/fare-reported-1/data-1-errors.png", 10**7).startswith(
        b"\x89PNG"
    )
    assert not [key for key in registry.facts(seen).logged if key.startswith("gatehouse.")]
    address = json.loads(stack.gatehouse("explain", "fare-reported", str(version), "--json").stdout)["report"]
    with urllib.request.urlopen(address) as shown:
        assert "sandbox" in shown.headers["Content-Security-Policy"]
        assert "at most 15.00 allowed" in shown.read().decode()
    entries = json.loads(stack.gatehouse("history", "fare-reported", "--json").stdout)
    assert [e["outcome"] for e in entries if e["kind"] == "decision"] == ["promote", "promote"]


def test_status_and_history_tell_the_same_story(stack):
    version = stack.candidate("fare-told", "straight_line")
    stack.decided("fare-told", version, UP, "promote")
    entries = json.loads(stack.gatehouse("history", "fare-told", "--json").stdout)
    assert [e["outcome"] for e in entries if e["kind"] == "decision"] == ["promote", "promote"]
    assert stack.eventually(
        lambda: (
            {
                (row["version"], row["stage"], row["answer"])
                for row in json.loads(stack.gatehouse("status", "fare-told", "--json").stdout)
            }
            == {(version, "Production", "promote")}
        )
    )


def test_what_is_not_known_is_said_with_the_right_exit_code(stack):
    assert stack.gatehouse("explain", "fare-line", "99").returncode == 3
    assert stack.gatehouse("approve", "fare-line", "99", "--as", "grace").returncode == 3
    assert stack.gatehouse("explain", "fare-line").returncode == 2
    assert "Nothing is known of nothing yet" in stack.gatehouse("status", "nothing").stdout


def test_the_readmes_commands_do_what_it_says(stack, registry):
    for _ in range(3):
        version = stack.candidate("taxi-fare", "straight_line")
    registry.transition("taxi-fare", version, Stage.STAGING)
    stack.decided("taxi-fare", version, UP, "ask")
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    lines = re.findall(r"^gatehouse (.+?)(?:  .*)?$", readme, re.MULTILINE)
    called = [shlex.split(line) for line in lines if not line.startswith("up")]
    assert [words[0] for words in called] == [
        "status",
        "explain",
        "approve",
        "validate",
        "signin",
        "doctor",
        "policy",
        "policy",
    ]
    environ = dict.fromkeys(("TAXI_HOLDOUT", "E2E_HOLDOUT"), str(stack.home.parent / "holdout.csv"))
    for words in called:
        page = str(stack.home.parent / "page.html")
        to = ["--to", "production", "--report", page] if words[0] == "validate" else []
        named = [str(stack.home.parent / "policies") if word == "FOLDER" else word for word in words]
        done = stack.gatehouse(*named, *to, **environ)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
    assert stack.eventually(lambda: stage(registry, "taxi-fare", version) is Stage.PRODUCTION)
