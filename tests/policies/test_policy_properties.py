import math

from hypothesis import given
from hypothesis import strategies as st

from policies.decide import decide
from policies.evaluate import evaluate, needs
from policies.evidence import Comparison, Evidence, Gap, Loading, Measurement
from policies.verdicts import Answer
from tests.policies.made import SIGNED, compared, facts, policy_of, vote

SEVERITY = st.sampled_from(["block", "warn"])
LIMIT = st.builds(
    "{{metric: {0}, max: {1}, severity: {2}}}".format, st.just("rmse"), st.integers(1, 9), SEVERITY
)
MARGIN = st.builds(
    "{{metric: mae, compared_to: champion, margin: {0}%, severity: {1}, on_inconclusive: {2}}}".format,
    st.integers(-20, 20),
    SEVERITY,
    st.sampled_from(["ask", "reject"]),
)
LOADING = st.builds("{{loads: within {0}s, severity: {1}}}".format, st.integers(1, 9), SEVERITY)
SIGNATURE = st.builds("{{signature: required, severity: {0}}}".format, SEVERITY)
GATES = st.tuples(*(st.none() | gate for gate in (LIMIT, MARGIN, LOADING, SIGNATURE))).map(
    lambda gates: [gate for gate in gates if gate]
)
RULES = st.fixed_dictionaries(
    {"approvals": st.sampled_from(["0", "1", "2"]), "first_version": st.sampled_from(["ask", "promote"])}
)
POLICIES = st.builds(lambda gates, rule: policy_of(gates, **rule), GATES, RULES)
FIGURES = st.floats(0.1, 10)
EVIDENCE = st.builds(
    lambda rmse, mae, champion, seconds, se, first: Evidence(
        candidate=facts(signature=SIGNED),
        champion=None if first else facts(version=1),
        findings={
            "rmse on holdout": Measurement(value=rmse, rows=900),
            "mae against champion on holdout": compared(mae, champion, se=se, rows=900),
            "loads": Loading(seconds=seconds),
        },
    ),
    FIGURES,
    FIGURES,
    FIGURES,
    FIGURES,
    st.floats(0, 0.2),
    st.booleans(),
)
VOTERS = st.lists(st.sampled_from(["ada", "grace", "zoe"]), unique=True)
RANK = {Answer.REJECT: 0, Answer.HOLD: 0, Answer.ASK: 1, Answer.PROMOTE: 2}


def answer_on(policy, seen, voters=()):
    rule = policy.transitions[0]
    evaluation = evaluate(policy, rule, seen)
    votes = [vote(evaluation, name) for name in voters]
    return decide(policy, rule, evaluation, votes, authors=frozenset({"ada"}), groups={}).answer


def ruined(finding, how):
    """A finding that says nothing any more."""
    if how == "missing":
        return None
    if how == "gap":
        return Gap(reason="gone")
    if how == "other kind":
        return Measurement(value=1, rows=9) if isinstance(finding, Loading) else Loading(seconds=1)
    changes = {"value", "seconds", "log_ratio", "se", "candidate"} & set(type(finding).model_fields)
    return finding.model_copy(update={min(changes): math.nan if how == "NaN" else math.inf})


RUIN = st.sampled_from(["missing", "gap", "other kind", "NaN", "infinity"])


@given(POLICIES, EVIDENCE, VOTERS, st.lists(st.tuples(st.integers(0, 2), RUIN), min_size=1))
def test_ruined_findings_never_bring_a_promotion_nearer(policy, seen, voters, ruins):
    findings = dict(seen.findings)
    for index, how in ruins:
        key = list(seen.findings)[index]
        findings[key] = ruined(seen.findings[key], how)
    spoilt = seen.model_copy(update={"findings": {k: v for k, v in findings.items() if v is not None}})
    assert RANK[answer_on(policy, spoilt, voters)] <= RANK[answer_on(policy, seen, voters)]


@given(POLICIES, EVIDENCE, RUIN)
def test_a_needed_finding_that_is_ruined_never_passes_its_gate(policy, seen, how):
    rule = policy.transitions[0]
    keys = {need.key for need in needs(policy, rule)}
    findings = {k: ruined(v, how) if k in keys else v for k, v in seen.findings.items()}
    spoilt = seen.model_copy(update={"findings": {k: v for k, v in findings.items() if v is not None}})
    verdicts = evaluate(policy, rule, spoilt).verdicts
    assert all(v.outcome in {"error", "skip"} for g, v in zip(rule.gates, verdicts, strict=True) if g.needs())


@given(POLICIES, EVIDENCE, VOTERS, st.floats(1, 5), st.floats(1, 5))
def test_a_worse_metric_never_helps(policy, seen, voters, rmse_times, mae_times):
    rmse, mae = seen.findings["rmse on holdout"], seen.findings["mae against champion on holdout"]
    assert isinstance(mae, Comparison)
    worse = {
        "rmse on holdout": rmse.model_copy(update={"value": rmse.value * rmse_times}),
        "mae against champion on holdout": compared(
            mae.candidate * mae_times, mae.champion, se=mae.se, rows=900
        ),
    }
    after = seen.model_copy(update={"findings": {**seen.findings, **worse}})
    assert RANK[answer_on(policy, after, voters)] <= RANK[answer_on(policy, seen, voters)]


@given(GATES, RULES, EVIDENCE, VOTERS, st.randoms())
def test_the_order_of_gates_never_matters(gates, rule, seen, voters, random):
    shuffled = random.sample(gates, len(gates))
    first, second = policy_of(gates, **rule), policy_of(shuffled, **rule)
    assert answer_on(first, seen, voters) == answer_on(second, seen, voters)


@given(POLICIES, EVIDENCE)
def test_the_author_alone_changes_nothing(policy, seen):
    assert answer_on(policy, seen, ["ADA "]) == answer_on(policy, seen)


@given(POLICIES, EVIDENCE, VOTERS)
def test_judging_twice_says_the_same(policy, seen, voters):
    again = Evidence.model_validate_json(seen.model_dump_json())
    assert evaluate(policy, policy.transitions[0], again) == evaluate(policy, policy.transitions[0], seen)
    assert answer_on(policy, again, voters) == answer_on(policy, seen, voters)
