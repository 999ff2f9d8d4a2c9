"""Decisions that no gate takes: a rollback, an undone bypass, what a person has decided over the gate's head.

All of them are written down in one transaction before the first request, like any other decision: a worker
killed in between leaves them for the next look.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ledger import actions, judgements, work
from ledger.engine import writing
from ledger.judgements import Judgement
from policies.evidence.evidence import Evidence
from policies.language import Policy
from policies.moment import Moment
from policies.verdicts import Decision, Evaluation, Transition
from validation.reports.sketch import Sketch
from workers.events import tell_decided
from workers.gatekeeper import Gatekeeper
from workers.messages import show_judgement
from workers.report import want_report


@dataclass(frozen=True)
class Plan:
    """One decision with all that it rests on; `inputs` is what the evidence was measured from.

    `sketch` is there if that was measured just now.
    """

    evidence: Evidence
    evaluation: Evaluation
    decision: Decision
    inputs: str
    sketch: Sketch | None = None


def plan(policy: Policy, evidence: Evidence, transition: Transition, decision: Decision) -> Plan:
    """A plan of which no gate was judged."""
    evaluation = Evaluation(
        policy=policy.name,
        policy_digest=policy.digest,
        evidence_digest=evidence.digest(),
        transition=transition,
        verdicts=(),
    )
    return Plan(evidence, evaluation, decision, evidence.digest())


def write_down(
    keeper: Gatekeeper, policy: Policy, plans: Sequence[Plan], *, note: str
) -> list[tuple[Judgement, Evidence]]:
    """Record the decisions and what they plan; `note` is said of what earlier ones still planned."""
    now, done = keeper.now(), []
    with writing(keeper.ledger) as session:
        judgements.keep_policy(session, digest=policy.digest, name=policy.name, text=policy.text)
        for each in plans:
            of = each.evidence.candidate
            actions.drop_planned(session, of.name, of.version, note=note, now=now)
            judgements.keep_evidence(session, each.evidence, inputs=each.inputs, now=now)
            moment = each.decision.moment or Moment(now=now)
            said = (each.evaluation, each.decision.model_copy(update={"moment": moment}))
            judged = judgements.record(session, of.name, of.version, said, product=keeper.product, now=now)
            if each.evaluation.verdicts:
                want_report(session, judged, each.sketch, now)
            # Whoever finds this half done will be looking at either version.
            work.ring(session, of.name, of.version, now)
            show_judgement(keeper, session, judged, each.evidence)
            tell_decided(keeper, session, judged, each.evidence)
            done.append((judged, each.evidence))
    return done
