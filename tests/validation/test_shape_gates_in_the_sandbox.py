"""The gates on a model's behaviour, asked of models in the real sandbox, and told by a policy."""

import numpy as np
import pandas as pd
import pytest

from policies.evaluate import evaluate, needs
from policies.evidence.evidence import Evidence
from policies.parse import parse_policy
from tests.policies.made import facts
from training.profile import profile_of
from validation.asking import ModelFiles
from validation.holdout import read_holdout
from validation.measure import measure
from validation.trained_on import TrainedOn

POLICY = """
policy: p
models: [m]
datasets: {holdout: {uri: h.csv, target: fare}}
transitions:
  - from: staging
    to: production
    gates:
      - {name: baseline, metric: rmse, compared_to: "baseline:linear-distance", margin: -20%}
      - {name: sound, predictions: {min: 2.5, finite: true}}
      - {name: rising, monotonic: {column: distance, direction: increasing, at_least: 95%}}
      - {name: robust, robustness: {noise: 0.01, columns: [distance]}, max_change: 10%}
      - {name: drift, drift: {against: training, psi: 0.2}}
      - {name: rmse, metric: rmse, max: 2.0}
"""


def fares(frame):
    """A tariff that bends at ten kilometres, so that no line is near it."""
    distance = frame["distance"].to_numpy()
    return 2.5 + 0.5 * distance + 4.0 * np.maximum(distance - 10, 0)


def rows(count, seed):
    draw = np.random.default_rng(seed)
    return pd.DataFrame({"distance": draw.uniform(0, 20, count), "hour": draw.uniform(0, 24, count)})


@pytest.fixture
def holdout(tmp_path):
    frame = rows(4_000, 7)
    frame["fare"] = fares(frame) + np.random.default_rng(8).normal(0, 0.5, len(frame))
    frame.to_parquet(tmp_path / "trips.parquet")
    return lambda: read_holdout(tmp_path / "trips.parquet", name="holdout", target="fare")


GOOD = "d = data['distance'].to_numpy(); return 2.5 + 0.5 * d + 4.0 * np.maximum(d - 10, 0)"
LINE = "return 2.5 + 2.0 * data['distance'].to_numpy()"
JAGGED = "d = data['distance'].to_numpy(); return 20 + 15 * np.sin(40 * d)"
HOLES = "d = data['distance'].to_numpy(); return np.where(d < 0.1, np.nan, 2.5 + d)"
SHY = "return np.full(len(data), 15.0)"


@pytest.mark.parametrize(
    ("predict", "trained", "unfine"),
    [
        pytest.param(GOOD, rows(6_000, 1), {}, id="good"),
        pytest.param(GOOD, rows(6_000, 1).assign(distance=lambda f: f["distance"] / 2), {"drift": "fail"}, id="moved"),
        pytest.param(GOOD, None, {"drift": "error"}, id="no profile"),
        pytest.param(LINE, None, {"baseline": "fail", "drift": "error", "rmse": "fail"}, id="line"),
        pytest.param(
            JAGGED,
            None,
            {"baseline": "fail", "rising": "fail", "robust": "pass", "drift": "error", "rmse": "fail"},
            id="jagged",
        ),
        pytest.param(
            HOLES, None, dict.fromkeys(["baseline", "sound", "rising", "robust", "rmse"], "fail") | {"drift": "error"}, id="holes"
        ),
        pytest.param(
            SHY,
            None,
            {"baseline": "fail", "rising": "error", "robust": "error", "drift": "error", "rmse": "fail"},
            id="deaf to its inputs",
        ),
    ],
)  # fmt: skip
def test_a_model_is_told_by_how_it_behaves(sandbox, bare_model, signature, holdout, predict, trained, unfine):
    policy = parse_policy(POLICY, file="p")
    rule = policy.transitions[0]
    profile = None
    if trained is not None:
        told = profile_of({name: trained[name].to_numpy() for name in trained}, fares(trained))
        profile = told.model_dump_json().encode()
    model = ModelFiles(bare_model(predict), signature, TrainedOn(profile=profile))
    findings, _ = measure(needs(policy, rule), model, None, {"holdout": holdout}, sandbox=sandbox)
    said = evaluate(policy, rule, Evidence(candidate=facts(), findings=findings)).verdicts
    expected = {v.gate: unfine.get(v.gate, "pass") for v in said}
    assert {v.gate: v.outcome.value for v in said} == expected, [v.sentence for v in said]
