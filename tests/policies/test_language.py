import pytest

from policies.evaluate import needs
from policies.evidence.comparison import ComparisonNeed
from policies.evidence.loading import LoadNeed
from policies.evidence.measurement import MetricNeed
from policies.language import Dataset, DatasetUnset
from policies.load import load_policy
from policies.parse import parse_policy
from policies.verdicts import Step
from registry.words import Stage
from tests.policies.made import SMALLEST, policy_of

STRICT = """\
policy: taxi-fare-strict
description: What a fare model must show before it prices a trip
owners: [pricing]
models: ["taxi-fare", "taxi-fare-*"]
mode: enforce                      # enforce | audit

datasets:
  holdout:
    uri: ${TAXI_HOLDOUT}
    target: fare_amount
    min_rows: 5000

transitions:
  - from: none
    to: staging
    gates:
      - {signature: required}
      - {tags: [owner, git_commit]}
      - {logged_metric: val_rmse, max: 8.0}
  - from: staging
    to: production
    gates:
      - {loads: within 60s}
      - {name: accuracy, metric: rmse, max: 5.0}
      - {metric: mae,  compared_to: champion, margin: 2%, confidence: 95%}
      - {metric: rmse, compared_to: champion, margin: 5%, on_inconclusive: ask}
      - {metric: max_error, max: 100, severity: warn}
    approvals:
      - {count: 1, from: [pricing]}
      - {count: 1, from: [risk]}
    on_pass: [{transition: production, archive_existing: true}, {alias: champion}, {notify: "#pricing"}]
    on_fail: [{transition: archived}, {notify: author}]
"""


@pytest.fixture(scope="module")
def strict():
    return parse_policy(STRICT, file="strict.yaml")


def test_the_strict_example_says_what_it_reads_like(strict):
    up = strict.rule_from(Stage.STAGING)
    assert [gate.label for gate in up.gates] == [
        "loads", "accuracy", "mae against champion", "rmse against champion", "max_error",
    ]  # fmt: skip
    assert [str(entry) for entry in up.approvals] == ["pricing (1)", "risk (1)"]
    assert [step.step() for step in up.on_pass] == [
        Step(kind="transition", target="Production", archive_existing=True),
        Step(kind="alias", target="champion"),
        Step(kind="notify", target="#pricing"),
    ]


def test_a_gate_asks_for_its_evidence_once(strict):
    assert needs(strict, strict.rule_from(Stage.STAGING)) == (
        LoadNeed(within_s=60),
        MetricNeed(metric="rmse", dataset="holdout"),
        ComparisonNeed(metric="mae", dataset="holdout"),
        ComparisonNeed(metric="rmse", dataset="holdout"),
        MetricNeed(metric="max_error", dataset="holdout"),
    )


def test_of_two_loading_times_the_longer_is_asked_for():
    policy = policy_of(["{loads: within 5s, name: quick, severity: warn}", "{loads: within 1m}"])
    assert needs(policy, policy.transitions[0]) == (LoadNeed(within_s=60),)


def test_an_entry_transition_needs_nothing_measured(strict):
    assert needs(strict, strict.rule_from(Stage.NONE)) == ()


def test_no_rule_leaves_production(strict):
    assert strict.rule_from(Stage.PRODUCTION) is None


@pytest.mark.parametrize(("to", "archive"), [("staging", False), ("production", True)])
def test_without_on_pass_a_promotion_does_what_its_rule_is_named_after(to, archive):
    text = f"policy: p\nmodels: [m]\ntransitions: [{{from: none, to: {to}}}]"
    rule = parse_policy(text, file="f").transitions[0]
    assert [step.step() for step in rule.on_pass] == [
        Step(kind="transition", target=to.title(), archive_existing=archive)
    ]
    assert rule.on_fail == ()


def test_production_is_cleared_unless_the_policy_says_otherwise():
    rule = policy_of([], on_pass="[{transition: production, archive_existing: false}]").transitions[0]
    assert not rule.on_pass[0].step().archive_existing


@pytest.mark.parametrize(
    ("written", "entries"),
    [("0", []), ("2", ["anyone (2)"]), ("[{from: [a, b]}]", ["a or b (1)"]), ("[]", [])],
)
def test_approvals_have_a_short_form(written, entries):
    assert [str(e) for e in policy_of([], approvals=written).transitions[0].approvals] == entries


def test_another_text_is_another_digest_even_if_it_means_the_same():
    one, other = (parse_policy(text, file="f") for text in (SMALLEST, SMALLEST + "# hush\n"))
    assert one.transitions == other.transitions
    assert one.digest != other.digest


def test_a_policy_knows_its_text_and_where_it_lies(tmp_path):
    path = tmp_path / "policy.yaml"
    path.write_text(SMALLEST)
    assert (load_policy(path).text, load_policy(path).path) == (SMALLEST, path)


class TestDataset:
    dataset = Dataset(uri="${BUCKET}/${FILE}.csv", target="y")

    def test_its_variables_are_filled_in(self):
        assert self.dataset.locate({"BUCKET": "s3://b", "FILE": "f"}) == "s3://b/f.csv"

    @pytest.mark.parametrize(
        "environ", [{"BUCKET": "b"}, {"BUCKET": "b", "FILE": ""}], ids=["unset", "empty"]
    )
    def test_a_variable_that_is_not_set_is_named(self, environ):
        with pytest.raises(DatasetUnset, match="environment variable FILE: set it"):
            self.dataset.locate(environ)

    def test_a_value_is_not_filled_in_again(self):
        assert self.dataset.locate({"BUCKET": "${FILE}", "FILE": "f"}) == "${FILE}/f.csv"
