import math

from hypothesis import given
from hypothesis import strategies as st

from policies.decide import decide
from policies.evaluate import evaluate, needs
from policies.evidence.answers import Answers
from policies.evidence.comparison import Comparison
from policies.evidence.disturbance import Disturbance
from policies.evidence.drift import Drift
from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from policies.evidence.loading import Loading
from policies.evidence.measurement import Measurement
from policies.evidence.monotony import Monotony
from policies.evidence.scan import Scan, Threat
from policies.evidence.size import Size
from policies.evidence.team_tests import TeamTests
from policies.verdicts import Answer
from tests.policies.drawn import (
    EVIDENCE,
    GATE_NAMES,
    GATES,
    MOMENTS,
    POLICIES,
    RULES,
    VOTERS,
    WAIVED,
    exam,
    judged_by,
    timed,
)
from tests.policies.made import NOON, compared, vote


def decision_on(policy, seen, voters=(), moment=NOON):
    rule = policy.transitions[0]
    evaluation = evaluate(policy, rule, seen)
    votes = [vote(evaluation, name) for name in voters]
    return decide(policy, rule, evaluation, votes, authors=frozenset({"ada"}), groups={}, moment=moment)


def answer_on(*case):
    return decision_on(*case).answer


def nearness(*case):
    """How near to a promotion: what waits for nothing but its time is nearer than what waits for people."""
    said = decision_on(*case)
    if said.answer is Answer.HOLD and said.until:
        return 2
    return {Answer.REJECT: 0, Answer.HOLD: 0, Answer.ASK: 1, Answer.PROMOTE: 3}[said.answer]


WORTHLESS = {
    Scan: {"files": 0},
    Size: {"files": 0},
    TeamTests: {"collected": 0, "passed": 0, "failures": ()},
    Monotony: {"never_fell": -1},
}


def ruined(finding, how):
    """A finding that says nothing any more."""
    if how == "missing":
        return None
    if how == "gap":
        return Gap(reason="gone")
    if how == "other kind":
        return Measurement(value=1, rows=9) if isinstance(finding, Loading) else Loading(seconds=1)
    if type(finding) in WORTHLESS:
        return finding.model_copy(update=WORTHLESS[type(finding)])
    wrong = math.nan if how == "NaN" else math.inf
    if isinstance(finding, Drift):
        return finding.model_copy(update={"psi": {**finding.psi, "hour": wrong}})
    changes = {"value", "seconds", "log_ratio", "se", "candidate", "highest", "after", "p95"}
    changes &= set(type(finding).model_fields)
    return finding.model_copy(update={min(changes): wrong})


RUIN = st.sampled_from(["missing", "gap", "other kind", "NaN", "infinity"])


@given(POLICIES, EVIDENCE, VOTERS, st.lists(st.tuples(st.integers(0, 11), RUIN), min_size=1), MOMENTS)
def test_ruined_findings_never_bring_a_promotion_nearer(policy, seen, voters, ruins, moment):
    findings = dict(seen.findings)
    for index, how in ruins:
        key = list(seen.findings)[index]
        findings[key] = ruined(seen.findings[key], how)
    spoilt = seen.model_copy(update={"findings": {k: v for k, v in findings.items() if v is not None}})
    assert nearness(policy, spoilt, voters, moment) <= nearness(policy, seen, voters, moment)


@given(POLICIES, EVIDENCE, RUIN)
def test_a_needed_finding_that_is_ruined_never_passes_its_gate(policy, seen, how):
    rule = policy.transitions[0]
    keys = {need.key for need in needs(policy, rule)}
    findings = {k: ruined(v, how) if k in keys else v for k, v in seen.findings.items()}
    spoilt = seen.model_copy(update={"findings": {k: v for k, v in findings.items() if v is not None}})
    verdicts = evaluate(policy, rule, spoilt).verdicts
    assert all(v.outcome in {"error", "skip"} for g, v in zip(rule.gates, verdicts, strict=True) if g.needs())


@given(POLICIES, EVIDENCE, VOTERS, st.floats(1, 5), st.floats(1, 5), MOMENTS)
def test_a_worse_metric_never_helps(policy, seen, voters, rmse_times, mae_times, moment):
    size, latency = seen.findings["size"], seen.findings["latency of 1 rows on holdout"]
    rmse, mae = seen.findings["rmse on holdout"], seen.findings["mae against champion on holdout"]
    assert isinstance(mae, Comparison)
    predictions, noisy = (
        seen.findings[key] for key in ("predictions on holdout", "rmse on holdout under noise 0.1 in km")
    )
    worse = {
        "predictions on holdout": predictions.model_copy(
            update={"highest": predictions.highest * rmse_times}
        ),
        "rmse on holdout under noise 0.1 in km": noisy.model_copy(update={"after": noisy.after * rmse_times}),
        "size": size.model_copy(update={"bytes": int(size.bytes * rmse_times)}),
        "latency of 1 rows on holdout": timed(latency.p95 * rmse_times),
        "scan": Scan(files=1, threats=(Threat(where="x", what="is bad"),)),
        "t.py on holdout": exam(1),
        "rmse on holdout": rmse.model_copy(update={"value": rmse.value * rmse_times}),
        "mae against champion on holdout": compared(
            mae.candidate * mae_times, mae.champion, se=mae.se, rows=900, spread=mae.spread
        ),
    }
    after = seen.model_copy(update={"findings": {**seen.findings, **worse}})
    assert nearness(policy, after, voters, moment) <= nearness(policy, seen, voters, moment)


@given(GATES, RULES, WAIVED, EVIDENCE, VOTERS, MOMENTS, st.randoms())
def test_the_order_of_gates_never_matters(gates, rule, waived, seen, voters, moment, random):
    shuffled = random.sample(gates, len(gates))
    first, second = judged_by(gates, rule, waived), judged_by(shuffled, rule, waived)
    assert answer_on(first, seen, voters, moment) == answer_on(second, seen, voters, moment)


@given(POLICIES, EVIDENCE, VOTERS, MOMENTS)
def test_what_soaks_or_is_frozen_is_never_promoted(policy, seen, voters, moment):
    rule = policy.transitions[0]
    soaks = rule.soak and (moment.entered is None or moment.now < moment.entered + rule.soak)
    if soaks or (rule.freeze and rule.freeze.holds(moment.now)):
        assert answer_on(policy, seen, voters, moment) is not Answer.PROMOTE


@given(POLICIES, EVIDENCE, VOTERS, MOMENTS)
def test_what_waits_for_its_time_is_decided_otherwise_when_that_has_come(policy, seen, voters, moment):
    said = decision_on(policy, seen, voters, moment)
    if said.answer is Answer.HOLD and said.until:
        assert said.until > moment.now
        entered = moment.entered or moment.now
        then = moment.model_copy(update={"now": said.until, "entered": entered})
        assert answer_on(policy, seen, voters, then) is Answer.PROMOTE


BEST = {
    "rmse on holdout": Measurement(value=0.1, rows=900),
    "loads": Loading(seconds=0.1),
    "mae against champion on holdout": compared(0.1, 1.0, se=0.0, rows=900),
    "rmse against baseline:mean on holdout": compared(0.1, 1.0, se=0.0, rows=900),
    "predictions on holdout": Answers(rows=900, missing=0, infinite=0, lowest=0.0, highest=0.1),
    "predictions on holdout with km moved upwards": Monotony(
        rows=900, never_fell=900, never_rose=0, moved=900
    ),
    "rmse on holdout under noise 0.1 in km": Disturbance(before=1.0, after=1.0, rows=900),
    "drift on holdout against training": Drift(psi={"km": 0.0}, by_chance=0.0, rows=900, trained_on=900),
    "scan": Scan(files=1),
    "size": Size(bytes=1, files=1),
    "latency of 1 rows on holdout": timed(0.1),
    "t.py on holdout": exam(0),
}


@given(GATES, RULES, WAIVED, EVIDENCE, VOTERS, MOMENTS)
def test_waivers_help_no_more_than_passed_gates_would(gates, rule, waived, seen, voters, moment):
    plain, excepting = judged_by(gates, rule, []), judged_by(gates, rule, waived)
    best = seen.model_copy(update={"findings": BEST})
    with_waivers = nearness(excepting, seen, voters, moment)
    assert nearness(plain, seen, voters, moment) <= with_waivers
    assert with_waivers <= nearness(plain, best, voters, moment)


@given(GATES, RULES, EVIDENCE, VOTERS, MOMENTS)
def test_waivers_that_have_ended_change_nothing(gates, rule, seen, voters, moment):
    every = [(gate, "2026-11-24") for gate in GATE_NAMES]
    plain, excepting = judged_by(gates, rule, []), judged_by(gates, rule, every)
    assert answer_on(excepting, seen, voters, moment) is answer_on(plain, seen, voters, moment)


@given(POLICIES, EVIDENCE)
def test_the_author_alone_changes_nothing(policy, seen):
    assert answer_on(policy, seen, ["ADA "]) == answer_on(policy, seen)


@given(POLICIES, EVIDENCE, VOTERS)
def test_judging_twice_says_the_same(policy, seen, voters):
    again = Evidence.model_validate_json(seen.model_dump_json())
    assert evaluate(policy, policy.transitions[0], again) == evaluate(policy, policy.transitions[0], seen)
    assert answer_on(policy, again, voters) == answer_on(policy, seen, voters)
