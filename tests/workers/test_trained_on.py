"""What a run logged of its training data is part of what evidence is found by."""

import hashlib

import pytest

from policies.evaluate import evaluate
from policies.parse import parse_policy
from registry.memory import Seed
from registry.training_keys import KEYS_FILE, write_keys
from registry.words import LoggedData
from workers.case import case_of
from workers.gather import gather

TRIPS = "trip,km,fare\n" + "".join(f"t{n},{n},{n + 2}\n" for n in range(20))
TEXT = """\
policy: p
models: [m]
datasets:
  holdout: {{uri: "{path}", target: fare, not_trained_on: true{key}}}
transitions:
  - from: none
    to: staging
    gates: [{{predictions: {{finite: true}}}}]
"""
DIGEST = hashlib.sha256(TRIPS.encode()).hexdigest()
BY_FILE = Seed(trained_on=(LoggedData(name="trips", digest=DIGEST[:32]),))
BY_KEYS = Seed(run_files={KEYS_FILE: write_keys("trip", ["t3", "t5", "x"])})
STRANGERS = Seed(run_files={KEYS_FILE: write_keys("trip", ["x", "y"])})


@pytest.mark.parametrize(
    ("key", "logged", "outcome", "sentence"),
    [
        ("", BY_FILE, "fail", "was trained on this very data: 'trips' of its run"),
        (", key: trip", BY_KEYS, "fail", "2 of 20 rows were trained on, by their 'trip'; none may be"),
        (
            ", key: trip",
            STRANGERS,
            "pass",
            "none of 20 rows was trained on, by their 'trip', of 2 keys logged",
        ),
    ],
    ids=["the file", "two rows", "none"],
)
def test_what_is_logged_later_is_looked_at(tmp_path, keeper, registry, key, logged, outcome, sentence):
    (tmp_path / "trips.csv").write_text(TRIPS)
    policy = parse_policy(TEXT.format(path=tmp_path / "trips.csv", key=key), file="p.yaml")
    version = registry.register("m", Seed())

    def judged():
        case = case_of(registry, policy, policy.transitions[0], version)
        gathered = gather(keeper, case)
        return gathered.inputs, evaluate(policy, policy.transitions[0], gathered.evidence).verdicts[-1]

    before, unknown = judged()
    assert unknown.outcome == "inconclusive"
    registry._seeds["m", 1] = logged
    after, verdict = judged()
    assert after != before
    assert (verdict.outcome, verdict.sentence) == (outcome, verdict.sentence)
    assert sentence in verdict.sentence
