import math

import pytest

from policies.evaluate import evaluate
from policies.evidence.gap import Gap
from policies.evidence.loading import Loading
from policies.evidence.measurement import Measurement
from policies.parse import parse_policy
from registry.words import Signature
from tests.policies.made import SIGNED, SMALLEST, compared, evidence, facts, policy_of

RMSE = "{metric: rmse, max: 5.0}"
R2 = "{metric: r2, min: 0.8}"
BAND = "{metric: rmse, max: 5, min: 0.5}"
MAE = "{metric: mae, compared_to: champion, margin: 2%}"
LOGGED = "{logged_metric: val_rmse, max: 8}"
LOADS = "{loads: within 60s}"


def verdict(gate, seen):
    policy = policy_of([gate])
    return evaluate(policy, policy.transitions[0], seen).verdicts[0]


@pytest.mark.parametrize(
    ("gate", "seen", "outcome", "sentence"),
    [
        (RMSE, evidence(rmse=4.5), "pass", "rmse was 4.50, at most 5.00 allowed, on 10,377 rows"),
        (RMSE, evidence(rmse=5.0), "pass", "rmse was 5.00, at most 5.00 allowed, on 10,377 rows"),
        (RMSE, evidence(rmse=5.31), "fail", "rmse was 5.31, at most 5.00 allowed, on 10,377 rows"),
        (RMSE, evidence(rmse=5.0004), "fail", "rmse was 5.0004, at most 5.0000 allowed, on 10,377 rows"),
        (R2, evidence(r2=0.75), "fail", "r2 was 0.75, at least 0.80 allowed, on 10,377 rows"),
        (BAND, evidence(rmse=0.1), "fail", "rmse was 0.10, at least 0.50 allowed, on 10,377 rows"),
        (BAND, evidence(rmse=9.0), "fail", "rmse was 9.00, at most 5.00 allowed, on 10,377 rows"),
        (RMSE, evidence(), "error", "rmse on holdout was not measured"),
        (RMSE, evidence(rmse=math.nan), "error", "rmse was nan, which is not a figure"),
        (RMSE, evidence(rmse=-math.inf), "error", "rmse was -inf, which is not a figure"),
        (RMSE, evidence(rmse=Measurement(value=1, rows=0)), "error", "rmse rests on no rows"),
        (RMSE, evidence(rmse=Gap(reason="no hold-out")), "error", "no hold-out"),
        (RMSE, evidence(rmse=Gap(reason="it crashed", fault="candidate")), "fail", "it crashed"),
        (RMSE, evidence(rmse=Loading(seconds=1)), "error", "rmse on holdout was answered with a loading"),
        (LOADS, evidence(), "pass", "loading and answering took 3.00 s, at most 60.00 s allowed"),
        (
            "{loads: within 1s}",
            evidence(),
            "fail",
            "loading and answering took 3.00 s, at most 1.00 s allowed",
        ),
        ("{signature: required}", evidence(), "pass", "the signature names 1 input"),
        (
            "{signature: required}",
            evidence(candidate=facts()),
            "fail",
            "the model has no signature; log it with",
        ),
        (
            "{signature: required}",
            evidence(candidate=facts(signature=Signature(inputs=()))),
            "fail",
            "the model's signature names no inputs",
        ),
        ("{tags: [a, b]}", evidence(candidate=facts(tags={"a": "1", "b": "2"})), "pass", "tagged with a, b"),
        ("{tags: [a, b]}", evidence(candidate=facts(tags={"a": " "})), "fail", "tags a, b missing or blank"),
        ("{tags: [a]}", evidence(candidate=facts()), "fail", "tag a missing or blank"),
        (
            LOGGED,
            evidence(candidate=facts(logged={"val_rmse": 7.0})),
            "pass",
            "the logged val_rmse was 7.00, at most 8.00",
        ),
        (
            LOGGED,
            evidence(candidate=facts(logged={"val_rmse": 9.0})),
            "fail",
            "the logged val_rmse was 9.00, at most 8.00",
        ),
        (
            LOGGED,
            evidence(candidate=facts(logged={"val_rmse": math.nan})),
            "error",
            "the logged val_rmse was nan",
        ),
        (
            LOGGED,
            evidence(candidate=facts(logged={"val_rsme": 7.0})),
            "error",
            "the run logged no metric 'val_rmse': did you mean 'val_rsme'?",
        ),
        (LOGGED, evidence(), "error", "the run logged no metric 'val_rmse': it logged no metric at all"),
    ],
)
def test_a_gate_says_what_it_saw(gate, seen, outcome, sentence):
    said = verdict(gate, seen)
    assert said.sentence.startswith(sentence)
    assert said.outcome == outcome


@pytest.mark.parametrize(
    ("loading", "outcome", "sentence"),
    [
        (
            Loading(seconds=1, answered=False),
            "fail",
            "the model loaded and was asked nothing: log an input example with it",
        ),
        (Loading(seconds=math.nan), "error", "the time to load was nan, which is not a figure"),
        (Gap(reason="it wanted the network", fault="candidate"), "fail", "it wanted the network"),
        (Gap(reason="no memory left"), "error", "no memory left"),
        (None, "error", "loads was not measured"),
    ],
)
def test_a_model_that_does_not_load_never_passes(loading, outcome, sentence):
    seen = evidence()
    found = {"loads": loading} if loading else {}
    said = verdict(LOADS, seen.model_copy(update={"findings": found}))
    assert (said.outcome, said.sentence) == (outcome, sentence)


@pytest.mark.parametrize(
    ("rows", "outcomes"), [(500, ["pass", "pass"]), (499, ["error", "error"])], ids=["enough", "too few"]
)
def test_fewer_rows_than_the_data_set_must_have_tell_nothing(rows, outcomes):
    text = SMALLEST + "datasets: {holdout: {uri: h.csv, target: y, min_rows: 500}}\n"
    policy = parse_policy(text, file="f")
    seen = evidence(rmse=Measurement(value=4, rows=rows), mae_compared=compared(2.1, 2.4, rows=rows))
    said = evaluate(policy, policy.transitions[0], seen)
    assert [one.outcome for one in said.verdicts] == outcomes
    assert said.evidence_digest == seen.digest()


@pytest.mark.parametrize(
    ("lost", "outcome"), [(True, "fail"), (False, "error")], ids=["lost", "out of reach"]
)
def test_a_candidate_without_its_files_never_passes_whatever_the_gates(lost, outcome):
    policy = policy_of([], first_version="promote")
    seen = evidence(candidate=facts(unreadable="the files are away", lost=lost, signature=SIGNED))
    said = evaluate(policy, policy.transitions[0], seen)
    assert [(v.outcome, v.sentence) for v in said.verdicts] == [(outcome, "the files are away")]


@pytest.mark.parametrize(
    ("gates", "to", "champion", "stamp"),
    [
        ([RMSE], "production", False, True),
        ([RMSE], "production", True, False),
        ([RMSE], "staging", False, False),
        ([MAE], "staging", False, True),
    ],
)
def test_a_first_version_is_marked_where_a_champion_is_missed(gates, to, champion, stamp):
    text = f"policy: p\nmodels: [m]\ntransitions: [{{from: none, to: {to}, gates: [{', '.join(gates)}]}}]"
    policy = parse_policy(text, file="f")
    assert evaluate(policy, policy.transitions[0], evidence(champion=champion)).rubber_stamp is stamp
