"""Data sets on Spark: the operator says where Spark is, and the rows stay where they lie."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from policies.datasets import Dataset
from policies.evidence.measurement import MetricNeed
from validation.addresses import HoldoutInvalid
from validation.holdout import read_holdout
from validation.spark.far import Cluster, FarHoldout
from workers.datasets import read_datasets

NOW = datetime.now(UTC) + timedelta(days=2)
MASTER = {"GATEHOUSE_SPARK_MASTER": "spark://spark:7077"}


@pytest.fixture
def rows(tmp_path):
    frame = pd.DataFrame({"km": [1.0, 2.0, 3.0], "fare": [4.0, None, 6.0]})
    for name in ("a", "b"):
        frame.to_parquet(tmp_path / f"{name}.parquet")
    return tmp_path


def read(environ, **told):
    datasets = {"holdout": Dataset(target="fare", engine="spark", **told)}
    wanted = [MetricNeed(metric="rmse", dataset="holdout")]
    return read_datasets(datasets, wanted, environ, NOW, lambda *_: pytest.fail("nothing is brought here"))[
        "holdout"
    ]


def test_only_the_digest_is_read_and_it_is_that_of_one_machine(rows):
    found = read(MASTER, uri=str(rows))
    assert isinstance(found, FarHoldout)
    assert found.digest == read_holdout(rows, name="holdout", target="fare").digest
    assert [(each.name, each.start) for each in found.files] == [("a.parquet", 0), ("b.parquet", 3)]
    assert (found.total, found.columns) == (6, ("km", "fare"))


def test_spark_connect_comes_before_a_master(rows):
    both = MASTER | {"GATEHOUSE_SPARK_REMOTE": "sc://spark:15002"}
    assert read(both, uri=str(rows)).cluster == Cluster("spark://spark:7077", "sc://spark:15002")
    assert read(both, uri=str(rows)).cluster.address == "sc://spark:15002"


@pytest.mark.parametrize(
    ("environ", "told", "sentence"),
    [
        ({}, {}, "engine: spark needs GATEHOUSE_SPARK_MASTER or GATEHOUSE_SPARK_REMOTE"),
        (
            MASTER,
            {"uri": "runs:/abc/datasets/trips"},
            "is not reached by Spark: give the address where the rows lie",
        ),
        (MASTER, {"uri": "/nowhere/rows.parquet"}, "there is no file /nowhere/rows.parquet"),
        (MASTER, {"max_age": "1d"}, "it is older than"),
    ],
)
def test_what_cannot_be_judged_is_told(rows, environ, told, sentence):
    found = read(environ, **{"uri": str(rows)} | told)
    assert isinstance(found, HoldoutInvalid)
    assert sentence in str(found)
