"""Policies, evidence, votes and moments of every kind, drawn for the properties that all must keep."""

from datetime import timedelta

from hypothesis import strategies as st

from policies.evidence.answers import Answers
from policies.evidence.comparison import Spread
from policies.evidence.disturbance import Disturbance
from policies.evidence.drift import Drift
from policies.evidence.evidence import Evidence
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
from tests.policies.made import NOON, SIGNED, compared, facts, policy_of

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
