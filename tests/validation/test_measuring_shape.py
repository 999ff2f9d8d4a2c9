"""Calibration, gaps between groups, the worst slices, and memory: measured, and judged by their gates."""

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import calibration_curve

from policies.evidence.calibration import CalibrationNeed
from policies.evidence.evidence import Evidence
from policies.evidence.fairness import GroupsNeed
from policies.evidence.memory import MemoryNeed
from policies.evidence.worst_slices import WorstSlicesNeed
from policies.verdicts import Outcome
from tests.policies.made import facts, policy_of
from tests.validation.scored import scores_for, trips
from validation.asking import ModelFiles
from validation.measure import measure
from validation.measuring.kinds import finding_of

DRAW = np.random.default_rng(8)
ROWS = 4000
SAID = DRAW.uniform(0, 1, ROWS)
TRUE = (DRAW.uniform(0, 1, ROWS) < SAID).astype(float)
FRAME = trips(ROWS).assign(said=SAID, sex=DRAW.choice(["f", "m"], ROWS), zone=DRAW.choice(list("abcd"), ROWS))


def seen(findings):
    return Evidence(candidate=facts(), findings=findings)


def judged(gate, need, model, *, target, frame=FRAME):
    (asked,) = policy_of([gate]).transitions[0].gates
    assert asked.needs() == (need,)
    found = finding_of(need, scores_for(need, frame, model, target=target))
    return found, asked.judge(seen({need.key: found}))


CALIBRATION = "{calibration: {max: 5%, bins: 10}}"


def calibrated(model, target=TRUE):
    return judged(CALIBRATION, CalibrationNeed(dataset="holdout", bins=10), model, target=target)


def test_calibration_agrees_with_scikit_learns_curve():
    found, verdict = calibrated(lambda rows: rows.said**2)
    true, said = calibration_curve(TRUE, SAID**2, n_bins=10)
    assert [each.came_true for each in found.bins] == pytest.approx(true)
    assert [each.predicted for each in found.bins] == pytest.approx(said)
    weights = np.array([each.rows for each in found.bins]) / ROWS
    assert found.error == pytest.approx(weights @ abs(true - said))
    assert verdict.outcome is Outcome.FAIL
    assert "calibration error was 16" in verdict.sentence
    assert "over 10 bins, at most 5% allowed" in verdict.sentence


def test_one_that_is_calibrated_shows_what_chance_shows():
    found, verdict = calibrated(lambda rows: rows.said)
    assert verdict.outcome is Outcome.PASS
    assert found.error == pytest.approx(found.by_chance, rel=0.6)


def test_with_few_rows_calibration_cannot_be_told():
    few = FRAME.head(60)
    need = CalibrationNeed(dataset="holdout", bins=10)
    _, verdict = judged(CALIBRATION, need, lambda rows: rows.said, target=TRUE[:60], frame=few)
    assert verdict.outcome is Outcome.INCONCLUSIVE


def test_of_several_classes_the_likeliest_is_held_against_the_truth():
    chances = DRAW.dirichlet([1, 1, 1], ROWS)
    target = np.array([DRAW.choice(3, p=row) for row in chances]).astype(float)
    found, verdict = calibrated(lambda rows: chances[rows.index], target)
    assert verdict.outcome is Outcome.PASS
    assert found.error < 0.04


def test_what_is_no_probability_has_no_calibration():
    found, verdict = calibrated(lambda rows: rows.km)
    assert "calibration is of probabilities" in found.reason
    assert verdict.outcome is Outcome.ERROR


def fair(options, model, *, column="sex", metric="recall", frame=FRAME, target=TRUE):
    need = GroupsNeed(dataset="holdout", column=column, metric=metric)
    gate = f"{{fairness: {{column: {column}, metric: {metric}, {options}}}}}"
    return judged(gate, need, model, target=target, frame=frame)


def right(rows):
    return TRUE[rows.index]


def often_wrong_of_women(rows):
    lost = (rows.sex == "f") & (rows.index % 4 == 0)
    return np.where(lost, 0.0, TRUE[rows.index])


def test_a_gap_between_groups_is_told_with_its_interval():
    found, verdict = fair("max_difference: 0.1", often_wrong_of_women)
    assert {group.name for group in found.groups} == {"sex f", "sex m"}
    assert verdict.outcome is Outcome.FAIL
    assert verdict.value == pytest.approx(0.25, abs=0.05)
    assert "sex f had 0.7" in verdict.sentence
    assert "with 95% confidence over all pairs), at most 0.10 allowed" in verdict.sentence
    assert fair("max_difference: 0.4", often_wrong_of_women)[1].outcome is Outcome.PASS
    assert fair("max_difference: 0.24", often_wrong_of_women)[1].outcome is Outcome.INCONCLUSIVE
    assert fair("min_ratio: 90%", often_wrong_of_women)[1].outcome is Outcome.FAIL
    assert fair("min_ratio: 80%", right)[1].outcome is Outcome.PASS


def test_the_standard_error_of_a_group_is_that_of_a_share():
    found, _ = fair("max_difference: 0.1", often_wrong_of_women)
    women = next(group for group in found.groups if group.name == "sex f")
    rows = int((TRUE[(FRAME.sex == "f").to_numpy()] == 1).sum())
    assert women.se == pytest.approx(np.sqrt(women.value * (1 - women.value) / rows), rel=0.02)


def test_the_rate_at_which_groups_are_chosen():
    found, verdict = fair("min_ratio: 80%", lambda rows: (rows.sex == "m") * 0.9, metric="positive_rate")
    assert [group.value for group in found.groups] == [0.0, 1.0]
    assert all(group.se > 0 for group in found.groups), "as many rows could still tell otherwise"
    assert verdict.outcome is Outcome.FAIL


def test_a_group_too_small_lets_nothing_pass():
    frame = FRAME.assign(sex=np.where(FRAME.index < 20, "x", FRAME.sex))
    _, verdict = fair("max_difference: 0.1", right, frame=frame)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "could not be told of groups with fewer than 50 rows: sex x on 20 rows" in verdict.sentence


def test_errors_of_figures_are_compared_by_group_too():
    _, verdict = fair(
        "min_ratio: 60%",
        lambda rows: rows.km + np.where(rows.sex == "f", 3.0, 1.0) * DRAW.normal(0, 1, ROWS)[rows.index],
        metric="mae",
        target=FRAME.km,
    )
    assert verdict.outcome is Outcome.FAIL


def searched(gate, model, *, columns=(), frame=FRAME, target=None, min_rows=100, metric="rmse"):
    need = WorstSlicesNeed(dataset="holdout", metric=metric, columns=columns, min_rows=min_rows)
    return judged(gate, need, model, target=frame.km if target is None else target, frame=frame)


NOISE = DRAW.normal(0, 1, ROWS)
WORST = "{metric: rmse, worst_slices: {margin: 50%}}"


def test_a_weakness_of_a_pair_of_columns_is_found_and_measured_on_other_rows():
    weak = (FRAME.zone == "c") & (FRAME.sex == "m")
    found, verdict = searched(WORST, lambda rows: rows.km + (NOISE * np.where(weak, 4.0, 1.0))[rows.index])
    assert found.slices[0].name == "sex m & zone c"
    assert found.slices[0].rows == pytest.approx(weak.sum() / 2, rel=0.2)
    assert verdict.outcome is Outcome.FAIL
    assert "sex m & zone c had " in verdict.sentence
    assert "certainly more than 50% worse" in verdict.sentence
    assert found == searched(WORST, lambda rows: rows.km + (NOISE * np.where(weak, 4.0, 1.0))[rows.index])[0]


def test_columns_may_be_named():
    gate = "{metric: rmse, worst_slices: {margin: 50%, columns: [zone], min_rows: 10}}"
    found, verdict = searched(gate, lambda rows: rows.km + NOISE[rows.index], columns=("zone",), min_rows=10)
    assert found.tried == 4
    assert verdict.outcome is Outcome.PASS
    missing, _ = searched(gate.replace("zone", "zome"), lambda rows: rows.km, columns=("zome",), min_rows=10)
    assert "no column 'zome' (did you mean 'zone'?)" in missing.reason


def test_noise_raises_an_alarm_in_at_most_one_of_twenty_searches():
    alarms = 0
    for seed in range(60):
        draw = np.random.default_rng(seed)
        frame = pd.DataFrame(
            {name: draw.integers(0, 6, 1500) for name in "abcde"} | {"km": draw.uniform(0, 9, 1500)}
        )
        noise = draw.standard_t(4, 1500)
        gate = "{metric: rmse, worst_slices: {margin: 0%, min_rows: 20}}"
        _, verdict = searched(
            gate, lambda rows, noise=noise: rows.km + noise[rows.index], frame=frame, min_rows=20
        )
        alarms += verdict.outcome is Outcome.FAIL
    assert alarms <= 7, "5 % of 60 are 3; 8 or more come in one of fifty honest runs"


def test_of_a_metric_where_more_is_better_less_is_worse():
    wrong = (FRAME.zone == "b") & (NOISE > 0)
    gate = "{metric: accuracy, worst_slices: {margin: 10%}}"
    _, verdict = searched(
        gate, lambda rows: np.where(wrong, 1 - TRUE, TRUE)[rows.index], target=TRUE, metric="accuracy"
    )
    assert verdict.outcome is Outcome.FAIL
    assert "zone b had 0.5" in verdict.sentence


def test_a_perfect_model_has_no_worst_slice_to_be_measured():
    found, verdict = searched(WORST, lambda rows: rows.km)
    assert found.kind in {"worst slices", "gap"}
    assert verdict.outcome is Outcome.ERROR


def test_memory_is_what_the_model_itself_adds(bare_model, signature, frame, sandbox):
    from validation.holdout import Holdout
    from validation.rows import Rows

    rows = Holdout(name="holdout", inputs=Rows.of(frame), target=np.zeros(len(frame)), digest="d")
    need = MemoryNeed()
    (gate,) = policy_of(["{memory: {max: 60MB}}"]).transitions[0].gates
    told = []
    for name, load in (
        ("light", "pass"),
        ("heavy", "Model.held = np.ones(10 << 20)"),
        ("brief", "np.ones(10 << 20)"),
    ):
        model = ModelFiles(bare_model("return np.zeros(len(data))", load=load, name=name), signature)
        found, _ = measure((need,), model, None, {"holdout": lambda: rows}, sandbox=sandbox)
        told.append((found["memory"].bytes / 1e6, gate.judge(seen(found)).outcome))
    light, heavy, brief = told
    assert light[0] < 60
    assert heavy[0] - light[0] == pytest.approx(84, abs=15)
    assert brief[0] == pytest.approx(heavy[0], abs=15), "a peak counts, however short"
    assert [each[1] for each in told] == [Outcome.PASS, Outcome.FAIL, Outcome.FAIL]
