"""A data set on Spark: what is not measured there is told when the policy is checked."""

import pytest

from policies.engines import METRICS_ON_SPARK
from policies.parse import parse_policy
from policies.problems import PolicyInvalid
from validation.metrics import METRICS

TEXT = """
policy: trips
models: [trips]
{head}datasets:
  holdout: {{uri: s3://trips/, target: fare, {engine}{more}}}
  small: {{uri: small.csv, target: fare}}
transitions:
  - {{from: staging, to: production, gates: [{gates}]}}
"""
FINE = (
    "{metric: rmse, max: 5}, {metric: mae, compared_to: champion, margin: 2%}, {predictions: {min: 0}}, "
    "{metric: rmse, slices: {max: 9, no_worse_than_champion: 10%}}, {metric: r2, dataset: small, min: 0.5}, {size: 5MB}"
)


def problems(gates=FINE, more=", slices: {hour: {by: hour}}", head=""):
    try:
        parse_policy(
            TEXT.format(
                gates=gates, more=more, head=head, engine="" if "engine" in more else "engine: spark"
            ).encode(),
            file="p.yaml",
        )
    except PolicyInvalid as invalid:
        return [f"{each.line}: {each.what}; {each.instead}" for each in invalid.problems]
    return []


def test_what_is_counted_row_by_row_is_measured_there():
    assert problems() == []
    assert set(METRICS_ON_SPARK) == {name for name, metric in METRICS.items() if metric.losses is not None}


@pytest.mark.parametrize(
    ("gates", "what"),
    [
        ("{metric: r2, min: 0.5}", "8: r2 is not measured on Spark; measured there are rmse, mse"),
        ("{metric: auc, compared_to: champion, margin: 1%}", "8: auc is not measured on Spark"),
        ("{metric: rmse, compared_to: 'baseline:mean', margin: -5%}", "8: rmse against baseline:mean on holdout is not measured on Spark"),
        ("{metric: rmse, worst_slices: {margin: 50%}}", "is not measured on Spark"),
        ("{latency: {p95: 25ms, rows: 1}}", "is not measured on Spark"),
    ],
)  # fmt: skip
def test_gates_that_need_more_are_refused_with_another_way(gates, what):
    (told,) = problems(gates)
    assert what in told
    assert "judge it on a smaller data set, or take engine: spark out of 'holdout'" in told


@pytest.mark.parametrize(
    ("more", "what"),
    [
        (", classes: [a, b]", "classes are not judged on Spark"),
        (", not_trained_on: true", "whether rows were trained on is not looked for on Spark"),
        (", day: when, max_age: 3d", "on Spark the age goes by the files' last change"),
        ("engine: dask", "dask"),
    ],
)
def test_what_the_data_set_cannot_have_there_is_told(more, what):
    assert any(what in told for told in problems("{metric: rmse, max: 5}", more))


def test_csv_and_models_own_environments_are_no_sparks():
    text = TEXT.format(gates="{metric: rmse, max: 5}", more="", head="", engine="engine: spark")
    with pytest.raises(PolicyInvalid) as refused:
        parse_policy(text.replace("s3://trips/", "trips.csv.gz").encode(), file="p.yaml")
    told = str(refused.value)
    assert "Spark is given Parquet, and this is CSV" in told
    (environment,) = problems("{metric: rmse, max: 5}", "", "env: model\n")
    assert "on Spark models run on the workers' libraries" in environment
