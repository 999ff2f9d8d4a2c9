import math
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from policies.decide import decide
from policies.evaluate import evaluate, needs
from policies.evidence.answers import Answers
from policies.evidence.comparison import Comparison, Spread
from policies.evidence.disturbance import Disturbance
from policies.evidence.drift import Drift
from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from policies.evidence.latency import Latency
from policies.evidence.loading import Loading
from policies.evidence.measurement import Measurement
from policies.evidence.monotony import Monotony
from policies.evidence.scan import Scan, Threat
from policies.evidence.size import Size
from policies.evidence.team_tests import FailedTest, TeamTests
from policies.gates.expression import condition
from policies.moment import Moment
from policies.parse import parse_policy
from policies.verdicts import Answer
from tests.policies.made import NOON, SIGNED, compared, facts, policy_of, vote

SEVERITY = st.sampled_from(["block", "warn"])
LIMIT = st.builds(
    "{{metric: {0}, max: {1}, severity: {2}}}".format, st.just("rmse"), st.integers(1, 9), SEVERITY
)
MARGIN = st.builds(
    "{{metric: mae, compared_to: champion, margin: {0}%, severity: {1}, on_inconclusive: {2}}}".format,
    st.integers(-20, 20),
    SEVERITY,
    st.sampled_from(["ask", "reject", "hold"]),
)
LOADING = st.builds("{{loads: within {0}s, severity: {1}}}".format, st.integers(1, 9), SEVERITY)
SCAN = st.builds("{{scan: safe, severity: {0}}}".format, SEVERITY)
SIZE = st.builds("{{size: {0}MB, severity: {1}}}".format, st.integers(1, 9), SEVERITY)
LATENCY = st.builds("{{latency: {{p95: {0}s}}, severity: {1}}}".format, st.integers(1, 9), SEVERITY)
TESTS = st.builds("{{pytest: t.py, severity: {0}}}".format, SEVERITY)
SIGNATURE = st.builds("{{signature: required, severity: {0}}}".format, SEVERITY)
condition("true")  # CEL is loaded before anything is held to hypothesis's deadline
EXPRESSION = st.builds(
    "{{expression: '!(candidate.metrics.rmse >= {0}) || candidate.metrics.rmse < {1}', severity: {2}}}".format,
    st.integers(1, 9),
    st.integers(1, 9),
    SEVERITY,
)
SOUND = st.builds("{{predictions: {{max: {0}}}, severity: {1}}}".format, st.integers(1, 9), SEVERITY)
RISING = st.builds(
    "{{monotonic: {{column: km, direction: increasing, at_least: {0}%}}, severity: {1}}}".format,
    st.integers(1, 99),
    SEVERITY,
)
NOISE = st.builds(
    "{{robustness: {{noise: 0.1, columns: [km]}}, max_change: {0}%, severity: {1}}}".format,
    st.integers(0, 50),
    SEVERITY,
)
DRIFT = st.builds(
    "{{drift: {{against: training, psi: 0.{0}}}, severity: {1}}}".format, st.integers(1, 9), SEVERITY
)
BASELINE = st.builds(
    '{{metric: rmse, compared_to: "baseline:mean", margin: {0}%, severity: {1}}}'.format,
    st.integers(-20, 20),
    SEVERITY,
)
KINDS = (
    *(LIMIT, MARGIN, LOADING, SIGNATURE, EXPRESSION, SOUND, RISING, NOISE, DRIFT, BASELINE),
    *(SCAN, SIZE, LATENCY, TESTS),
)
GATES = st.tuples(*(st.none() | gate for gate in KINDS)).map(lambda gates: [gate for gate in gates if gate])
RULES = st.fixed_dictionaries(
    {
        "approvals": st.sampled_from(["0", "1", "2", "[{expires: 48h}]"]),
        "first_version": st.sampled_from(["ask", "promote"]),
    },
    optional={
        "soak": st.sampled_from(["1h", "36h"]),
        "freeze": st.sampled_from(
            [
                '{timezone: America/New_York, windows: [{from: "Fri 15:00", to: "Mon 09:00"}]}',
                '{timezone: UTC, windows: [{rrule: "FREQ=MONTHLY;BYDAY=-1FR", from: 2026-01-30, for: 30h}]}',
                "{timezone: UTC, windows: [{from: 2026-11-20, to: 2026-12-01}]}",
            ]
        ),
        "on_inconclusive": st.sampled_from(["ask", "reject", "hold"]),
    },
)
GATE_NAMES = ("rmse", "mae against champion", "loads", "signature", "scan", "size", "latency", "t.py")
WAIVED = st.lists(
    st.tuples(
        st.sampled_from(GATE_NAMES),
        st.sampled_from(["2026-11-24", "2026-12-31"]),
    ),
    max_size=3,
)
HOURS = st.timedeltas(timedelta(0), timedelta(days=9))
MOMENTS = st.builds(
    lambda later, entered, asked: Moment(
        now=NOON.now + later,
        entered=None if entered is None else NOON.now + later - entered,
        asked=None if asked is None else NOON.now + later - asked,
    ),
    HOURS,
    st.none() | HOURS,
    st.none() | HOURS,
)


def judged_by(gates, rule, waived):
    """A policy; of the exceptions those for gates that it has."""
    policy = policy_of(gates, **rule)
    known = {gate.label for gate in policy.transitions[0].gates}
    waivers = [f"{{gate: {gate}, reason: x, by: a, expires: {day}}}" for gate, day in waived if gate in known]
    if not waivers:
        return policy
    return parse_policy(f"{policy.text}exceptions: [{', '.join(waivers)}]\nowners: [a]\n", file="policy.yaml")


POLICIES = st.builds(judged_by, GATES, RULES, WAIVED)
FIGURES = st.floats(0.1, 10)
SPREADS = st.none() | st.builds(
    Spread,
    candidate_se=st.floats(0.01, 0.5),
    champion_se=st.floats(0.01, 0.5),
    dof=st.floats(2, 900),
    power=st.sampled_from([0.5, 1.0]),
)


def timed(seconds):
    return Latency(p50=seconds, p95=seconds, p99=seconds, fastest=seconds, slowest=seconds, calls=200)


def exam(failed):
    failures = (FailedTest(test="test_x", message="no"),) * failed
    return TeamTests(text="", digest="", collected=2, passed=2 - failed, failures=failures)


EVIDENCE = st.builds(
    lambda rmse, mae, champion, seconds, se, first, spread, threats, failed: Evidence(
        candidate=facts(signature=SIGNED),
        champion=None if first else facts(version=1),
        findings={
            "rmse on holdout": Measurement(value=rmse, rows=900),
            "mae against champion on holdout": compared(mae, champion, se=se, rows=900, spread=spread),
            "loads": Loading(seconds=seconds),
            "rmse against baseline:mean on holdout": compared(rmse, champion, se=se, rows=900),
            "predictions on holdout": Answers(rows=900, missing=0, infinite=0, lowest=0.0, highest=rmse),
            "predictions on holdout with km moved upwards": Monotony(
                rows=900, never_fell=int(90 * mae), never_rose=0, moved=900
            ),
            "rmse on holdout under noise 0.1 in km": Disturbance(before=champion, after=rmse, rows=900),
            "drift on holdout against training": Drift(
                psi={"km": mae / 10}, by_chance=se, rows=900, trained_on=900
            ),
            "scan": Scan(files=1, threats=(Threat(where="x", what="is bad"),) * threats),
            "size": Size(bytes=int(rmse * 1e6), files=1),
            "latency of 1 rows on holdout": timed(seconds),
            "t.py on holdout": exam(failed),
        },
    ),
    FIGURES,
    FIGURES,
    FIGURES,
    FIGURES,
    st.floats(0, 0.2),
    st.booleans(),
    SPREADS,
    st.integers(0, 1),
    st.integers(0, 1),
)
VOTERS = st.lists(st.sampled_from(["ada", "grace", "zoe"]), unique=True)


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
