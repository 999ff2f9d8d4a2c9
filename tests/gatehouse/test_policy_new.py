"""`gatehouse policy new`: what it writes loads, passes its own cases, and says where its numbers are from."""

import math
from datetime import UTC, datetime

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from gatehouse.policy.draft import Answers, draft, logged_metric
from gatehouse.policy.group import policy
from gatehouse.policy.new import newest, write
from policies.cases import run_cases
from policies.load import load_policies
from policies.metrics import METRICS
from policies.parse import parse_policy
from policies.problems import PolicyInvalid
from registry.errors import VersionMissing
from registry.memory import MemoryRegistry, Seed
from registry.words import Column, Signature, VersionFacts

SIGNATURE = Signature(
    inputs=(Column(name="x", type="double"),), outputs=(Column(name="fare", type="double"),)
)
ANSWERS = Answers(target="fare", margin=0.02, approvals=1)


@pytest.fixture
def registry():
    return MemoryRegistry(lambda: datetime(2026, 11, 24, tzinfo=UTC))


def test_a_first_policy_is_made_from_signature_and_metrics_and_passes_its_cases(registry, tmp_path):
    registry.register("taxi-fare", Seed(signature=SIGNATURE, logged={"val_rmse": 5.9, "loss": 30.0}))
    write(draft(newest(registry, "taxi-fare"), ANSWERS), tmp_path / "fare")
    book = load_policies(tmp_path)
    assert not book.problems
    labels = [[gate.label for gate in rule.gates] for rule in book.policies[0].transitions]
    assert labels == [["signature", "logged val_rmse"], ["loads", "rmse against champion"]]
    text = (tmp_path / "fare" / "policy.yaml").read_text()
    assert (
        "# The run of version 1 logged 5.9; a tenth worse is allowed.\n      - {logged_metric: val_rmse, max: 6.49}"
        in text
    )
    assert "# Version 1 has a signature that names its inputs." in text
    assert 'uri: "${TAXI_FARE_HOLDOUT}", target: fare' in text
    tested = CliRunner().invoke(policy, ["test", str(tmp_path)])
    assert (tested.exit_code, "9 cases answered as written" in tested.output) == (0, True), tested.output


def test_without_signature_and_metrics_the_policy_says_so(registry):
    made = draft(VersionFacts(name="m", version=3, source="s"), ANSWERS)
    assert "has no signature, and would be turned away" in made.policy
    assert "this one is a guess" in made.policy
    assert parse_policy(made.policy, file="f").transitions[0].gates


@given(
    name=st.text(min_size=1, max_size=12),
    target=st.text(min_size=1, max_size=12),
    metric=st.sampled_from(list(METRICS)),
    before=st.sampled_from(["", "val_", "Test-", "x/"]),
    value=st.floats(),
    margin=st.floats(-0.9, 0.9).map(lambda share: round(share, 3)),
    approvals=st.integers(0, 5),
    signed=st.booleans(),
)
def test_whatever_a_model_says_of_itself_the_files_load_and_agree(
    name, target, metric, before, value, margin, approvals, signed
):
    logged = {f"{before}{metric}": value}
    facts = VersionFacts(
        name=name, version=1, source="s", logged=logged, signature=SIGNATURE if signed else None
    )
    made = draft(facts, Answers(target, margin, approvals))
    try:
        made_policy = parse_policy(made.policy, file="f")
    except PolicyInvalid as invalid:
        # Nothing else but characters that YAML has none of, or a variable where none is filled in.
        assert any(not each.isprintable() or each in "${" for each in name + target), invalid  # noqa: PT017
        return
    results = run_cases(made_policy, made.cases, file="f")
    assert [result.differences for result in results if not result.passed] == []
    assert made_policy.models == (name,)


@pytest.mark.parametrize(
    ("logged", "chosen"),
    [
        ({"rmse": 1.0, "val_mae": 2.0}, "val_mae"),
        ({"train_rmse": 1.0, "r2": 0.5}, "train_rmse"),
        ({"val_r2": 0.5, "val_mae": 2.0}, "val_mae"),
        ({"rmse": math.nan, "mae": math.inf}, None),
        ({"loss": 1.0, "xrmse": 1.0}, None),
    ],
    ids=["held out first", "in the order of metrics", "errors first", "no figures", "no metrics"],
)
def test_the_metric_is_one_that_gatehouse_measures_too(logged, chosen):
    found = logged_metric(VersionFacts(name="m", version=1, source="s", logged=logged))
    assert (found and found.name) == chosen


def test_nothing_is_overwritten(registry, tmp_path):
    registry.register("m", Seed(signature=SIGNATURE))
    (tmp_path / "cases.yaml").write_text("mine")
    with pytest.raises(click.UsageError, match="is there already"):
        write(draft(newest(registry, "m"), ANSWERS), tmp_path)
    assert (tmp_path / "cases.yaml").read_text() == "mine"
    assert not (tmp_path / "policy.yaml").exists()


def test_a_model_without_versions_is_told(registry):
    with pytest.raises(VersionMissing, match="no version of bus; register one first"):
        newest(registry, "bus")


@pytest.fixture
def at_registry(registry, tmp_path, monkeypatch):
    """The command, asking the registry in memory, in an empty folder."""
    monkeypatch.setattr("registry.mlflow_registry.MlflowRegistry", lambda _: registry)
    monkeypatch.chdir(tmp_path)

    def call(*args, typed=""):
        return CliRunner().invoke(policy, ["new", *args], input=typed)

    return call


def test_what_the_registry_cannot_give_is_told(registry, at_registry):
    said = at_registry("bus")
    assert (said.exit_code, "no version of bus" in said.output) == (1, True)
    registry.register("lost", Seed(files=None))
    said = at_registry("lost")
    assert (said.exit_code, "lost version 1 has no MLmodel file" in said.output) == (1, True)
    registry.outage = "the registry is away"
    said = at_registry("lost")
    assert (said.exit_code, "the registry is away" in said.output) == (3, True)


def test_the_questions_are_asked_where_no_answer_was_given(registry, at_registry, tmp_path):
    registry.register("m", Seed(signature=SIGNATURE, logged={"mae": 2.0}))
    said = at_registry("m", typed="\n5\n5%\n2\n")
    assert said.exit_code == 0, said.output
    assert "Which column does it predict [fare]: " in said.output
    assert "'5' is not a percent" in said.output
    text = (tmp_path / "policies/definitions/m/policy.yaml").read_text()
    assert "margin: 5%" in text
    assert "approvals: 2" in text
    again = at_registry("m")
    assert (again.exit_code, "is there already" in again.output) == (2, True)


@pytest.mark.parametrize(
    ("args", "words"),
    [(["--margin", "5"], "is not a percent, write a number and %"), (["--approvals", "-1"], "0<=x<=20")],
    ids=["margin", "approvals"],
)
def test_a_wrong_answer_is_told(args, words):
    said = CliRunner().invoke(policy, ["new", "m", *args])
    assert (said.exit_code, words in said.output) == (2, True), said.output
