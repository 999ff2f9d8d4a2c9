"""Hold-outs on Spark: the same figures as on one machine, and each failure with its own sentence."""

import importlib.util
import shutil
import socket

import numpy as np
import pandas as pd
import pytest

from policies.evidence.answers import AnswersNeed
from policies.evidence.comparison import ComparisonNeed
from policies.evidence.gap import Gap
from policies.evidence.measurement import MetricNeed
from policies.evidence.slices import SliceComparisonNeed, SliceNeed
from policies.slices import Bins, ByValue, Where
from tests.validation.test_blockwise import same
from validation.addresses import HoldoutInvalid
from validation.asking import ModelFiles
from validation.holdout import read_holdout
from validation.limits import Limits
from validation.measure import measure
from validation.sandbox import Sandbox
from validation.spark.engine import Patience, far_findings
from validation.spark.far import Cluster, find_far
from validation.spark.job import ModelAsked

pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(shutil.which("java") is None, reason="there is no Java here, which Spark needs"),
    pytest.mark.skipif(
        importlib.util.find_spec("pyspark") is None, reason="the extra 'spark' is not installed"
    ),
]
LOCAL = Cluster(master="local[2]")
CONNECT = Cluster(remote="local[2]")
SLICES = {
    "zone": ByValue(by="zone"),
    "far": Where(where="distance >= 10 && zone != 'b'"),
    "distance": Bins(by="distance", bins=(0, 5, float("inf"))),
}
NEEDS = (
    MetricNeed(metric="rmse", dataset="holdout"),
    MetricNeed(metric="max_error", dataset="holdout"),
    ComparisonNeed(metric="rmse", dataset="holdout"),
    ComparisonNeed(metric="mae", dataset="holdout"),
    SliceNeed(metric="rmse", dataset="holdout", slices=SLICES),
    SliceComparisonNeed(metric="mae", dataset="holdout", slices=SLICES),
    AnswersNeed(dataset="holdout"),
)
OURS = "return 2.0 + 1.6 * data['distance'].to_numpy()"
THEIRS = "return 2.5 + 1.5 * data['distance'].to_numpy() + 0.01 * data['hour'].to_numpy()"


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(limits=Limits(load_s=60, predict_s=20), spares=0, threads=1) as sandbox:
        yield sandbox


def trips(rows, seed=3):
    draw = np.random.default_rng(seed)
    distance = draw.uniform(0, 20, rows)
    fare = 2.5 + 1.5 * distance + draw.standard_t(3, rows)
    fare[draw.random(rows) < 0.01] = np.nan
    return pd.DataFrame(
        {
            "distance": distance,
            "hour": draw.integers(0, 24, rows).astype("int32"),
            "zone": draw.choice(["a", "b", None], rows),
            "fare": fare,
            "when": pd.Timestamp("2026-01-01") + pd.to_timedelta(draw.integers(0, 30 * 24, rows), unit="h"),
        }
    ).astype({"when": "datetime64[us]"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three files of several row groups, whose names sort otherwise than they were written."""
    folder = tmp_path_factory.mktemp("rows") / "trips of [spring]"
    folder.mkdir()
    frame = trips(9_000)
    for name, some in (("b", frame[:2000]), ("a 1", frame[2000:7000]), ("c", frame[7000:])):
        some.to_parquet(folder / f"{name}.parquet", index=False, row_group_size=800)
    return folder


def both(bare_model, signature, ours=OURS, theirs=THEIRS):
    return (
        ModelFiles(bare_model(ours, name="ours"), signature),
        ModelFiles(bare_model(theirs, name="theirs"), signature),
    )


def far_of(folder, cluster=LOCAL, **more):
    return find_far(folder, name="holdout", target="fare", cluster=cluster, **more)


def measured(needs, models, source, sandbox):
    return measure(needs, *models, {"holdout": lambda: source}, sandbox=sandbox)


@pytest.mark.parametrize(
    ("cluster", "day"),
    [
        pytest.param(LOCAL, "when", id="by days, by a master"),
        pytest.param(CONNECT, None, id="row by row, by Spark Connect"),
    ],
)
def test_the_figures_are_those_of_one_machine(folder, bare_model, signature, sandbox, cluster, day):
    models = both(bare_model, signature)
    here, digests = measured(
        NEEDS, models, read_holdout(folder, name="holdout", target="fare", day=day), sandbox
    )
    there, far_digests = measured(NEEDS, models, far_of(folder, cluster, day=day), sandbox)
    assert digests == far_digests
    assert not [found for found in there.values() if isinstance(found, Gap)]
    assert here.keys() == there.keys()
    for need in NEEDS:
        same(there[need.key].model_dump(), here[need.key].model_dump(), need.key)


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    folder = tmp_path_factory.mktemp("few")
    trips(1500, seed=8).to_parquet(folder / "rows.parquet", index=False)
    return folder / "rows.parquet"


def asked_of(source, needs, models, cluster=LOCAL, **more):
    return far_findings(
        needs,
        {
            who: ModelAsked(each.path, each.signature)
            for who, each in zip(("candidate", "champion"), models, strict=False)
        },
        far_of(source, cluster),
        Limits(),
        **more,
    )


def test_a_model_that_exits_costs_its_own_verdict_and_a_champion_only_what_is_against_it(
    few, bare_model, signature, sandbox
):
    models = both(bare_model, signature, theirs="os._exit(0)")
    found, _ = measured(NEEDS[:3], models, far_of(few), sandbox)
    assert found[NEEDS[0].key].rows == found[NEEDS[1].key].rows
    gap = found[NEEDS[2].key]
    assert gap.fault == "surroundings"
    assert gap.reason.startswith(
        "the champion could not be scored: it exited with code 0 before it had answered"
    )


def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("scheme", ["spark", "sc"])
def test_a_master_that_is_not_there_is_told_at_once(few, bare_model, signature, scheme):
    address = f"{scheme}://127.0.0.1:{closed_port()}"
    cluster = Cluster(remote=address) if scheme == "sc" else Cluster(master=address)
    (gap,) = asked_of(few, NEEDS[:1], both(bare_model, signature), cluster).values()
    assert gap.fault == "surroundings"
    assert f"could not be judged on Spark: nobody answers at {address}" in gap.reason


def test_a_spark_that_takes_no_task_is_waited_for_no_longer_than_patience(few, bare_model, signature):
    (gap,) = asked_of(few, NEEDS[:1], both(bare_model, signature), patience=Patience(ready_s=0.5)).values()
    assert "it ran no task within 0.5 s" in gap.reason


def test_java_and_pyspark_that_are_not_installed_are_named(few, bare_model, signature, monkeypatch):
    models = both(bare_model, signature)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    (gap,) = asked_of(few, NEEDS[:1], models).values()
    assert "there is no Java here: install Java 17 or newer" in gap.reason
    monkeypatch.setattr("importlib.util.find_spec", {}.get)
    (gap,) = asked_of(few, NEEDS[:1], models).values()
    assert "PySpark is not installed here: install Gatehouse's extra 'spark'" in gap.reason


def test_data_that_spark_is_not_given_is_refused(tmp_path, few):
    trips(20).to_csv(tmp_path / "rows.csv", index=False)
    with pytest.raises(HoldoutInvalid, match=r"is not \.parquet, which alone is read on Spark"):
        far_of(tmp_path / "rows.csv")
    with pytest.raises(HoldoutInvalid, match="needs GATEHOUSE_SPARK_MASTER or GATEHOUSE_SPARK_REMOTE"):
        far_of(few, Cluster())
    with pytest.raises(HoldoutInvalid, match="has no column 'when exactly' for the day"):
        far_of(few, day="when exactly")
