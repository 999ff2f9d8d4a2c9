"""A rejected version that is asked about again: it goes back to where it was judged, to be looked at anew.

Only from where the gate itself put it; whoever has been moved on by hand since stays there.
"""

from ledger import approvals, judgements
from ledger.engine import reading, writing
from notifications.render import render_problem
from policies.evidence.evidence import Evidence
from policies.language import Policy
from policies.verdicts import Answer, Approval, Decision, Step, Transition, Vote
from registry.aliased import ALIASES
from registry.words import ModelVersion, Stage
from workers.apply import apply
from workers.case import case_of, facts
from workers.gatekeeper import Gatekeeper
from workers.messages import REVIEWERS, tell_once
from workers.plans import plan, write_down


def reopen(keeper: Gatekeeper, policy: Policy, version: ModelVersion) -> None:
    """Take an archived version back to the stage it was rejected in, if that was asked for since.

    Raises what `apply` raises.
    """
    asked = _asked(keeper, version)
    rule = policy.rule_from(asked[1].from_stage) if asked else None
    if asked is None or rule is None or policy.mode != "enforce":
        return
    if policy.lifecycle == "aliases" and (holder := _holder(keeper, version, rule.from_stage)):
        _report(keeper, version, f"it cannot be asked about again while version {holder} is the candidate")
        return
    request, _ = asked
    champion = case_of(keeper.registry, policy, rule, version).champion
    evidence = Evidence(
        candidate=facts(keeper.registry, version),
        champion=facts(keeper.registry, champion) if champion else None,
    )
    decision = Decision(
        answer=Answer.PROMOTE,
        reasons=(f"asked again by {request.reviewer}: {request.comment}",),
        steps=(Step(kind="transition", target=rule.from_stage),),
    )
    back = Transition(from_stage=version.stage, to_stage=rule.from_stage)
    for judgement, seen in write_down(
        keeper, policy, [plan(policy, evidence, back, decision)], note="it is asked about again"
    ):
        apply(keeper, judgement, seen)


def _holder(keeper: Gatekeeper, version: ModelVersion, stage: Stage) -> int | None:
    """The version that would lose the alias: a newer candidate is not put out by an older request."""
    if stage not in ALIASES:
        return None
    others = keeper.registry.versions(version.name)
    return next((one.version for one in others if one.stage is stage), None)


def _report(keeper: Gatekeeper, version: ModelVersion, why: str) -> None:
    message = render_problem(
        version.name,
        version.version,
        why,
        console_url=keeper.console_url,
        channel=REVIEWERS,
        words=keeper.words,
    )
    with writing(keeper.ledger) as session:
        tell_once(keeper, session, message)


def _asked(keeper: Gatekeeper, version: ModelVersion) -> tuple[Approval, Transition] | None:
    """The request that was made of the rejection in force, and the transition that was rejected."""
    if version.stage is not Stage.ARCHIVED:
        return None
    with reading(keeper.ledger) as session:
        before = judgements.latest(session, version.name, version.version)
        if before is None or before.decision.answer is not Answer.REJECT:
            return None
        said = approvals.of_version(session, version.name, version.version)
    made = [one for one in said if one.vote is Vote.REQUEST and one.decision == before.id]
    return (made[-1], before.evaluation.transition) if made else None
