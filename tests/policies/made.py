"""Policies and evidence for this folder's tests."""

import math
from datetime import UTC, datetime

from policies.decide import decide
from policies.evaluate import evaluate
from policies.evidence.comparison import Comparison
from policies.evidence.evidence import Evidence
from policies.evidence.loading import Loading
from policies.evidence.measurement import Measurement
from policies.moment import Moment
from policies.parse import parse_policy
from policies.verdicts import Approval, Vote
from registry.words import Column, Signature, VersionFacts

SMALLEST = """\
policy: taxi-fare
models: [taxi-fare]
transitions:
  - from: staging
    to: production
    gates:
      - {metric: rmse, max: 5.0}
      - {metric: mae, compared_to: champion, margin: 2%}
    approvals: 1
"""


NOON = Moment(now=datetime(2026, 11, 25, 12, tzinfo=UTC))
"""A Wednesday."""


def policy_of(gates, **lines):
    """A policy of one transition to production; `lines` are further keys of the transition."""
    text = "policy: p\nmodels: [m]\ntransitions:\n  - from: staging\n    to: production\n"
    text += f"    gates: [{', '.join(gates)}]\n"
    text += "".join(f"    {key}: {value}\n" for key, value in lines.items())
    return parse_policy(text, file="policy.yaml")


def facts(version=2, **more):
    return VersionFacts(name="m", version=version, source="models:/m", **more)


SIGNED = Signature(inputs=(Column(name="x", type="double"),))


def compared(candidate, champion, se=0.01, rows=10_377, spread=None):
    return Comparison(
        candidate=candidate,
        champion=champion,
        rows=rows,
        log_ratio=math.log(candidate / champion),
        se=se,
        spread=spread,
    )


def evidence(champion=True, candidate=None, **findings):
    """Findings by metric name; a number is measured, anything else stands for itself."""
    found = {"loads": Loading(seconds=3.0)}
    for name, value in findings.items():
        key = f"{name.removesuffix('_compared')} {'against champion ' * name.endswith('_compared')}on holdout"
        found[key] = Measurement(value=value, rows=10_377) if isinstance(value, float) else value
    return Evidence(
        candidate=candidate or facts(signature=SIGNED),
        champion=facts(version=1) if champion else None,
        findings=found,
    )


def vote(evaluation, reviewer, says=Vote.APPROVE, minute=0, **changes):
    given = {
        "reviewer": reviewer,
        "vote": says,
        "evidence_digest": evaluation.evidence_digest,
        "policy_digest": evaluation.policy_digest,
        "at": datetime(2026, 1, 1, 12, minute, tzinfo=UTC),
    }
    return Approval(**{**given, **changes})


GROUPS = {"pricing": frozenset({"ada", "grace"}), "risk": frozenset({"grace", "linus"})}


def decided(gates, seen, votes=(), authors=(), *, moment=NOON, **rule):
    """The decision by a policy of these gates; a vote is a reviewer's name or the arguments of `vote`."""
    policy = policy_of(gates, **rule)
    evaluation = evaluate(policy, policy.transitions[0], seen)
    cast = [vote(evaluation, *one) if isinstance(one, tuple) else vote(evaluation, one) for one in votes]
    return decide(
        policy, policy.transitions[0], evaluation, cast,
        authors=frozenset(authors), groups=GROUPS, moment=moment,
    )  # fmt: skip
