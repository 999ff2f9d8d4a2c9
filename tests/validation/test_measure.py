import math

import pyarrow as pa
import pytest

from policies.evidence.comparison import Comparison, ComparisonNeed
from policies.evidence.gap import Gap
from policies.evidence.loading import Loading, LoadNeed
from policies.evidence.measurement import Measurement, MetricNeed
from policies.metrics import METRICS as NAMED
from registry.words import Column, Signature
from validation.answers import Failed, Loaded, Run, Scored
from validation.asking import ModelFiles
from validation.holdout import HoldoutInvalid, read_holdout
from validation.measure import measure
from validation.metrics import METRICS
from validation.sandbox import Sandbox

LOADS = LoadNeed(within_s=60)
RMSE = MetricNeed(metric="rmse", dataset="holdout")
AGAINST = ComparisonNeed(metric="rmse", dataset="holdout")


class FakeSandbox:
    """Answers from a table of models by path: an offset from 2.5 + 1.5 * distance, or a failure."""

    python = "python"
    kept = None

    def __init__(self, **models):
        self.models = models
        self.asked = []

    def run(self, model, tables, *, calls, load_limit_s=None, level="limited"):  # noqa: ARG002 nothing is run here
        assert not calls
        self.asked.append((model, tuple(tables), load_limit_s))
        answer = self.models[model]
        if isinstance(answer, Failed):
            return Run.failed(answer, tables)
        scores = {
            name: Scored(
                2.5 + 1.5 * pa.concat_tables(table.to_batches()).column("distance").to_numpy() + answer,
                0.5,
                0.1,
            )
            for name, table in tables.items()
        }
        return Run(Loaded(0.5, answered=True), scores)


@pytest.fixture
def datasets(holdout_file):
    return {"holdout": lambda: read_holdout(holdout_file, name="holdout", target="fare")}


@pytest.fixture
def files(signature):
    return lambda path: ModelFiles(path, signature)


def test_each_need_finds_its_answer(files, datasets):
    sandbox = FakeSandbox(better=0.0, worse=3.0)
    needs = (LOADS, RMSE, AGAINST)
    findings, digests = measure(needs, files("better"), files("worse"), datasets, sandbox=sandbox)
    assert findings[LOADS.key] == Loading(seconds=0.5)
    assert findings[RMSE.key].rows == 40
    assert findings[RMSE.key].value == pytest.approx(0.3, abs=0.15)
    comparison = findings[AGAINST.key]
    assert comparison.candidate == findings[RMSE.key].value
    assert comparison.log_ratio < -5 * comparison.se
    assert digests == {"holdout": datasets["holdout"]().digest}


def test_each_model_runs_once_and_the_champion_only_on_what_it_is_compared_on(files, datasets):
    sandbox = FakeSandbox(ours=0.0, theirs=0.0)
    needs = (LOADS, RMSE, MetricNeed(metric="mae", dataset="fresh"), AGAINST)
    sets = {**datasets, "fresh": datasets["holdout"]}
    measure(needs, files("ours"), files("theirs"), sets, sandbox=sandbox)
    assert sorted(sandbox.asked) == [
        ("ours", ("holdout", "fresh"), 60.0),
        ("theirs", ("holdout",), None),
    ]


def test_a_champion_that_nothing_is_compared_with_is_not_run(files, datasets):
    sandbox = FakeSandbox(ours=0.0)
    measure((RMSE,), files("ours"), files("theirs"), datasets, sandbox=sandbox)
    assert [model for model, _, _ in sandbox.asked] == ["ours"]


def test_a_model_without_needs_but_loading_is_given_rows(files, datasets):
    sandbox = FakeSandbox(ours=0.0)
    findings, digests = measure((LOADS,), files("ours"), None, datasets, sandbox=sandbox)
    assert sandbox.asked == [("ours", ("holdout",), 60.0)]
    assert findings == {"loads": Loading(seconds=0.5)}
    assert set(digests) == {"holdout"}


def test_the_candidates_failure_is_its_own(files, datasets):
    sandbox = FakeSandbox(ours=Failed("did not load within 60 s"), theirs=0.0)
    findings, _ = measure((LOADS, RMSE, AGAINST), files("ours"), files("theirs"), datasets, sandbox=sandbox)
    expected = Gap(reason="the candidate did not load within 60 s", fault="candidate")
    assert findings == {LOADS.key: expected, RMSE.key: expected, AGAINST.key: expected}


def test_the_champions_failure_is_the_surroundings(files, datasets):
    sandbox = FakeSandbox(ours=0.0, theirs=Failed("raised ValueError: old"))
    findings, _ = measure((RMSE, AGAINST), files("ours"), files("theirs"), datasets, sandbox=sandbox)
    assert isinstance(findings[RMSE.key], Measurement)
    assert findings[AGAINST.key] == Gap(
        reason="the champion could not be scored: it raised ValueError: old", fault="surroundings"
    )


def test_no_champion_leaves_a_gap(files, datasets):
    findings, _ = measure((AGAINST,), files("ours"), None, datasets, sandbox=FakeSandbox(ours=0.0))
    assert findings[AGAINST.key] == Gap(reason="there is no champion to compare with")


def _broken():
    raise HoldoutInvalid("there is no file x.csv")


@pytest.mark.parametrize(
    ("sets", "sentence"),
    [
        ({"holdout": _broken}, "data set 'holdout' could not be read: there is no file x.csv"),
        ({"fresh": _broken}, "no data set 'holdout' was given; there are: fresh"),
        ({}, "no data set 'holdout' was given; there are: none"),
    ],
)
def test_a_data_set_that_cannot_be_had_leaves_a_gap_and_runs_nothing(files, sets, sentence):
    sandbox = FakeSandbox()
    findings, digests = measure((RMSE, AGAINST), files("ours"), files("theirs"), sets, sandbox=sandbox)
    assert findings == {RMSE.key: Gap(reason=sentence), AGAINST.key: Gap(reason=sentence)}
    assert (digests, sandbox.asked) == ({}, [])


def test_a_candidate_without_signature_is_not_run_but_loaded_if_asked(files, datasets):
    sandbox = FakeSandbox(ours=0.0)
    findings, _ = measure((LOADS, RMSE), ModelFiles("ours", None), None, datasets, sandbox=sandbox)
    assert findings[RMSE.key].fault == "candidate"
    assert "logged without a signature" in findings[RMSE.key].reason
    assert sandbox.asked == [("ours", (), 60.0)]


def test_a_column_that_the_holdout_lacks_is_named(datasets):
    wants = Signature(inputs=(Column(name="distanse", type="double"),))
    findings, _ = measure((RMSE,), ModelFiles("ours", wants), None, datasets, sandbox=FakeSandbox())
    assert findings[RMSE.key] == Gap(
        reason="the candidate cannot be fed from 'holdout': the hold-out lacks what the signature asks for: "
        "'distanse' (did you mean 'distance'?)",
        fault="candidate",
    )


@pytest.mark.parametrize("metric", NAMED)
def test_every_metric_a_policy_may_name_is_measured_or_said_not_to_be(files, datasets, metric):
    needs = (MetricNeed(metric=metric, dataset="holdout"), ComparisonNeed(metric=metric, dataset="holdout"))
    findings, _ = measure(needs, files("m"), files("m"), datasets, sandbox=FakeSandbox(m=0.1))
    single, compared = (findings[need.key] for need in needs)
    if metric in {"precision", "recall", "f1", "auc", "log_loss", "brier", "average_precision"}:
        assert f"{metric} is of targets 0 and 1, and one is 4.87" in single.reason
        assert isinstance(compared, Gap)
    elif metric in METRICS:
        assert math.isfinite(single.value)
        assert isinstance(compared, Comparison)
    else:
        assert single.reason.startswith(f"cannot measure {metric} yet")
        assert single == compared


def test_predictions_so_large_that_their_squares_overflow_are_the_candidates_fault(files, datasets):
    findings, _ = measure((RMSE,), files("ours"), None, datasets, sandbox=FakeSandbox(ours=1e200))
    assert findings[RMSE.key].fault == "candidate"
    assert "rmse is inf" in findings[RMSE.key].reason


def test_what_the_data_has_no_value_of_is_nobodys_failure(files, tmp_path):
    path = tmp_path / "flat.csv"
    path.write_text("distance,hour,fare\n1,2,7\n2,3,7\n")
    need = MetricNeed(metric="r2", dataset="flat")
    sets = {"flat": lambda: read_holdout(path, name="flat", target="fare")}
    findings, _ = measure((need,), files("ours"), None, sets, sandbox=FakeSandbox(ours=0.0))
    assert findings[need.key].fault == "surroundings"
    assert "all targets are equal" in findings[need.key].reason


def test_no_model_is_run_where_the_sandbox_gives_less_than_is_demanded(bare_model, signature, datasets):
    model = ModelFiles(bare_model("return data['distance'].to_numpy()"), signature)
    with Sandbox(spares=0, threads=1, machine="strange") as sandbox:
        findings, _ = measure((LOADS, RMSE), model, None, datasets, sandbox=sandbox, level="closed")
    for finding in findings.values():
        assert (finding.kind, finding.fault) == ("gap", "surroundings")
        assert finding.reason.startswith("the candidate was not run: its policy demands the sandbox level")
