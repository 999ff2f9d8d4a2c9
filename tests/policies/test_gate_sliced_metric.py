import math

import pytest

from policies.cases import run_cases
from policies.differences import differences
from policies.evaluate import evaluate, needs
from policies.evidence.comparison import Comparison
from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from policies.evidence.slices import ComparedPart, MeasuredPart, SliceComparison, SliceMeasurement
from policies.parse import parse_policy
from policies.problems import PolicyInvalid
from tests.policies.made import compared, facts

SLICES = """\
      jfk: "pickup_zone == 'jfk' || dropoff_zone == 'jfk'"
      night: {where: "hour >= 20 || hour < 6"}
      hour: {by: hour}
      distance: {by: distance_km, bins: [0, 2, inf]}
"""
HOW = {
    "jfk": "where pickup_zone == 'jfk' || dropoff_zone == 'jfk'",
    "night": "where hour >= 20 || hour < 6",
    "hour": "by hour",
    "distance": "by distance_km in 0, 2, inf",
}
BOUNDS = "{max: {jfk: 14, night: 5.5, default: 8}, min_rows: 300}"
WORSE = "{no_worse_than_champion: 10%, min_rows: 300}"
FINE = {"jfk": 13.0, "night": 5.0, "hour 3": 7.0, "distance 0 to 2": 2.0, "distance from 2": 7.5}


def policy_with(limits, metric="rmse", slices=SLICES):
    return parse_policy(
        "policy: p\nmodels: [m]\ndatasets:\n  holdout:\n    uri: x\n    target: y\n"
        + (f"    slices:\n{slices}" if slices else "")
        + "transitions:\n  - from: staging\n    to: production\n    gates:\n"
        + f"      - {{metric: {metric}, slices: {limits}}}\n",
        file="f",
    )


def measured(figures, rows=None, how=HOW):
    parts = [
        MeasuredPart(name=n, slice=n.split()[0], rows=(rows or {}).get(n, 1000), value=v)
        for n, v in figures.items()
    ]
    return SliceMeasurement(rows=9000, slices=how, parts=tuple(parts))


def against(ratios, se=0.02, how=HOW):
    parts = [
        ComparedPart(
            name=n,
            slice=n.split()[0],
            rows=1000,
            compared=compared(r, 1.0, se=se) if isinstance(r, float) else r,
        )
        for n, r in ratios.items()
    ]
    return SliceComparison(rows=9000, slices=how, parts=tuple(parts))


def verdict(limits, found, compared_too=None, champion=True, metric="rmse"):
    policy = policy_with(limits, metric)
    findings = {f"{metric} by slice on holdout": found} if found else {}
    if compared_too:
        findings[f"{metric} by slice against champion on holdout"] = compared_too
    seen = Evidence(candidate=facts(), champion=facts(version=1) if champion else None, findings=findings)
    return evaluate(policy, policy.transitions[0], seen).verdicts[0]


@pytest.mark.parametrize(
    ("limits", "found", "outcome", "says"),
    [
        (BOUNDS, measured(FINE), "pass", "rmse by slice: nearest to its bound, distance from 2 was 7.50, at most 8.00 allowed, on 1,000 rows (5 judged)"),
        (BOUNDS, measured({**FINE, "jfk": 15.2}), "fail", "rmse by slice: jfk was 15.20, at most 14.00 allowed, on 1,000 rows (5 judged)"),
        (BOUNDS, measured({**FINE, "night": 6.0}), "fail", "night was 6.00, at most 5.50 allowed"),
        (BOUNDS, measured({**FINE, "hour 3": 9.0, "jfk": 28.0}), "fail", "rmse by slice: jfk was 28.00, at most 14.00 allowed, on 1,000 rows; hour 3 was 9.00"),
        (BOUNDS, measured({**FINE, **{f"hour {h}": 9.0 + h for h in range(6)}}), "fail", "hour 5 was 14.00, at most 8.00 allowed, on 1,000 rows; hour 4 was 13.00, at most 8.00 allowed, on 1,000 rows; hour 3 was 12.00, at most 8.00 allowed, on 1,000 rows; and 3 more"),
        (BOUNDS, measured({**FINE, "hour 3": 99.0}, {"hour 3": 299}), "pass", "(4 judged; too small with fewer than 300 rows: hour 3)"),
        (BOUNDS, measured(FINE, dict.fromkeys(FINE, 20)), "error", "rmse by slice: none has 300 rows, so none can be judged"),
        (BOUNDS, measured({**FINE, "jfk": None}, {"jfk": 0}), "error", "rmse by slice: jfk matches no row"),
        (BOUNDS, measured({**FINE, "jfk": math.nan}), "error", "jfk was nan, which is not a figure"),
        (BOUNDS, measured({**FINE, "jfk": math.inf}), "error", "jfk was inf, which is not a figure"),
        (BOUNDS, measured({**FINE, "jfk": None}), "error", "jfk was None, which is not a figure"),
        (BOUNDS, measured({n: v for n, v in FINE.items() if n != "jfk"}), "error", "rmse by slice on holdout was not measured of jfk"),
        (BOUNDS, measured({n: v for n, v in FINE.items() if n != "distance from 2"}), "error", "was not measured of distance from 2"),
        (BOUNDS, measured(FINE, how={**HOW, "jfk": "where true"}), "error", "was measured when the slices were cut otherwise"),
        (BOUNDS, measured({}), "error", "was not measured of jfk, night"),
        (BOUNDS, None, "error", "rmse by slice on holdout was not measured"),
        (BOUNDS, Gap(reason="no data"), "error", "no data"),
        ("{max: {hour 4: 3}}", measured(FINE), "error", "hour 4 matches no row"),
        ("{max: {hour 3: 6.5, hour: 8}}", measured(FINE), "fail", "hour 3 was 7.00, at most 6.50 allowed"),
        ("{max: 7.2}", measured({**FINE, "jfk": 1.0}), "fail", "distance from 2 was 7.50, at most 7.20 allowed"),
        ("{min: {default: 2.5}}", measured(FINE), "fail", "distance 0 to 2 was 2.00, at least 2.50 allowed"),
    ],
)  # fmt: skip
def test_every_slice_is_held_to_its_bound(limits, found, outcome, says):
    said = verdict(limits, found)
    assert (said.outcome, says in said.sentence) == (outcome, True), said.sentence


ALIKE = dict.fromkeys(FINE, 1.0)


@pytest.mark.parametrize(
    ("ratios", "outcome", "says"),
    [
        pytest.param(ALIKE, "pass", "1.00 against the champion's 1.00 (the same), not certainly more than 10% worse", id="alike"),
        pytest.param({**ALIKE, "jfk": 1.3}, "fail", "jfk was 1.30 against the champion's 1.00 (30% worse), certainly more than 10% worse, on 1,000 rows", id="worse"),
        pytest.param({**ALIKE, "jfk": 1.143}, "inconclusive", "jfk was 1.14 against the champion's 1.00 (14.3% worse), perhaps more than 10% worse, which may be chance among so many slices", id="not after Holm"),
        pytest.param({n: r for n, r in ALIKE.items() if n != "hour 3"}, "error", "hour 3 could not be compared with the champion", id="missing"),
        pytest.param({**ALIKE, "jfk": Comparison(candidate=1, champion=math.nan, rows=9)}, "error", "jfk could not be compared", id="NaN"),
        pytest.param({**ALIKE, "jfk": Comparison(candidate=1, champion=2, rows=9)}, "error", "jfk could not be compared", id="no spread"),
        pytest.param({**ALIKE, "jfk": Comparison(candidate=0, champion=2, rows=9)}, "pass", "not certainly", id="perfect"),
        pytest.param({**ALIKE, "jfk": Comparison(candidate=1, champion=0, rows=9)}, "fail", "jfk was 1.00 against the champion's 0.00", id="perfect champion"),
    ],
)  # fmt: skip
def test_no_slice_may_certainly_be_worse_than_the_champion(ratios, outcome, says):
    said = verdict(WORSE, measured(FINE), against(ratios))
    assert (said.outcome, says in said.sentence) == (outcome, True), said.sentence


def test_one_of_two_slices_counts_more_than_one_of_many():
    """The same jfk, 1.143 with a standard error of 0.02, is certain among one and not among five."""
    alone = {n: 1000 if n == "jfk" else 20 for n in FINE}
    assert verdict(WORSE, measured(FINE, alone), against({**ALIKE, "jfk": 1.143})).outcome == "fail"


@pytest.mark.parametrize(
    ("limits", "outcome", "says"),
    [
        (WORSE, "skip", "rmse by slice was not compared: there is no champion yet"),
        ("{max: 20, no_worse_than_champion: 10%}", "pass", "no champion yet to compare with"),
        ("{max: 3, no_worse_than_champion: 10%}", "fail", "at most 3.00 allowed"),
    ],
)
def test_without_a_champion_bounds_are_all_there_is(limits, outcome, says):
    said = verdict(limits, measured(FINE), champion=False)
    assert (said.outcome, says in said.sentence) == (outcome, True), said.sentence


def test_a_comparison_that_was_not_made_is_an_error_though_the_bounds_hold():
    said = verdict("{max: 20, no_worse_than_champion: 10%}", measured(FINE))
    assert (said.outcome, said.sentence) == (
        "error",
        "rmse by slice against champion on holdout was not measured",
    )


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        ("{max: {jfkk: 3}}", "f:16:39: no slice 'jfkk', did you mean 'jfk'?"),
        (
            "{max: {distance 0 to 3: 3}}",
            "f:16:39: no slice 'distance 0 to 3', did you mean 'distance 0 to 2'?",
        ),
        ("{min_rows: 3}", "f:16:32: nothing is asked of the slices, add max, min or no_worse_than_champion"),
        ("{max: 3, min_row: 3}", "f:16:41: unknown key 'min_row', did you mean 'min_rows'?"),
        ("{no_worse_than_champion: 10}", "f:16:57: a percent is due here, and '10' may mean two, write 10%"),
        ("{max: {jfk: 3}, min: {jfk: 4}}", "f:16:59: min is above max: nothing can pass"),
        ("{max: 3, confidence: 20%}", "f:16:53: no such confidence can be had"),
        ("{max: {jfk: .inf}}", "f:16:44: 'inf' is not a finite number"),
    ],
)
def test_a_bad_gate_is_told_with_its_place(limits, says):
    with pytest.raises(PolicyInvalid) as refused:
        policy_with(limits)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("slices", "says"),
    [
        ("      jfk: hour >=\n", "Syntax error"),
        ("      jfk: hour\n", "this is not a condition"),
        ("      jfk: {were: hour > 3}\n", "unknown slice 'were', did you mean 'where'?"),
        ("      d: {by: km, bins: [0, 2, 2]}\n", "these edges do not rise"),
        ("      d: {by: km, bins: [0]}\n", "too few stand here, write at least 2"),
        ("      d: {by: km, bins: [0, .nan]}\n", "these edges do not rise"),
        ("      d: {by: km, bins: [a, b]}\n", "'a' is not a number"),
        ("      d: {by: km, bin: [0, 1]}\n", "unknown key 'bin'"),
        ("      default: {by: km}\n", "'default' stands for all slices"),
        ("      d: [km]\n", "a list is not a slice, write a condition in quotes, or {by: hour}"),
        ("      d:\n", "nothing is not a slice"),
        ("", "the data set 'holdout' declares no slices, add slices to datasets: holdout"),
    ],
)
def test_a_bad_slice_is_told_when_the_policy_is_loaded(slices, says):
    with pytest.raises(PolicyInvalid) as refused:
        policy_with("{max: 3}", slices=slices)
    assert says in str(refused.value)


def test_needs_carry_how_the_slices_are_cut():
    policy, other = policy_with(WORSE), policy_with(WORSE, slices=SLICES.replace("hour < 6", "hour < 5"))
    wanted, changed = (needs(each, each.transitions[0]) for each in (policy, other))
    assert [need.key for need in wanted] == [need.key for need in changed]
    assert wanted[0].slices["night"].where == "hour >= 20 || hour < 6"
    assert [need.model_dump_json() for need in wanted] != [need.model_dump_json() for need in changed]
    assert '"bins":[0.0,2.0,"Infinity"]' in wanted[0].model_dump_json()


def test_what_changes_of_slices_and_bounds_is_told_in_words():
    old = policy_with(BOUNDS)
    new = policy_with(
        "{max: {jfk: 13, night: 5.5, default: 8}, min_rows: 300, no_worse_than_champion: 10%}",
        slices=SLICES.replace("hour < 6", "hour < 5"),
    )
    assert [str(each) for each in differences([old], [new])] == [
        "p: dataset holdout: slice night: where hour >= 20 || hour < 6 -> hour >= 20 || hour < 5",
        "p: transition staging to production: gate rmse by slice: slices: max jfk: 14 -> 13",
        "p: transition staging to production: gate rmse by slice: slices: no_worse_than_champion nothing -> 10%",
    ]


CASES = """\
cases:
  - case: every slice is fine
    from: staging
    given:
      measured: {rmse by slice: {jfk: 13, night: 5, hour 3: 7, distance 0 to 2: 2, distance from 2: 7}}
      champion: {rmse by slice: {jfk: 13, night: 5, hour 3: 7, distance 0 to 2: 2, distance from 2: 7}}
    answer: promote
  - case: the airport got dear
    from: staging
    given:
      measured: {rmse by slice: {jfk: 16, night: 5, hour 3: 7, distance 0 to 2: 2, distance from 2: 7}}
      champion: {rmse by slice: {jfk: 13, night: 5, hour 3: 7, distance 0 to 2: 2, distance from 2: 7}}
    answer: reject
    gates: {rmse by slice: fail}
  - case: nobody looked at the night
    from: staging
    given:
      measured: {rmse by slice: {jfk: 13, hour 3: 7, distance 0 to 2: 2, distance from 2: 7}}
      champion: {}
    answer: hold
    gates: {rmse by slice: error}
  - case: a number says nothing of slices
    from: staging
    given: {measured: {rmse by slice: 3}}
    answer: hold
"""


def test_a_case_tells_figures_by_slice():
    policy = policy_with("{max: {jfk: 20, default: 8}, no_worse_than_champion: 10%}")
    told = run_cases(policy, CASES, file="cases.yaml")
    assert [result.differences for result in told[:3]] == [(), (), ()]
    assert told[3].differences == ("'rmse by slice' is told as 3.0; write several numbers by name",)
