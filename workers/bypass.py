"""A move into Production that the gate did not make: reported and, if the policy says so, undone.

Undoing is two decisions like any other, written down before they are done: the champion that was pushed out
goes back, which archives the intruder in the same move, and the intruder goes back to where it came from.
"""

from ledger import actions, judgements, work
from ledger.engine import reading, writing
from ledger.judgements import Judgement
from notifications.render import render_problem
from policies.evidence.evidence import Evidence
from policies.language import Policy
from policies.verdicts import Answer, Decision, Evaluation, Step, Transition
from registry.words import ModelVersion, Stage
from workers.apply import apply
from workers.crowding import report_crowd
from workers.events import tell_decided
from workers.gatekeeper import Gatekeeper
from workers.gather import facts
from workers.intruders import Bypass, find
from workers.messages import OWNERS, show_judgement, tell_once

Plan = tuple[Evidence, Evaluation, Decision]


def examine(keeper: Gatekeeper, policy: Policy, version: ModelVersion) -> None:
    """Look at a version in Production: whose doing was that, and what does the policy want?

    Raises what `apply` raises.
    """
    rule = policy.rule_to(Stage.PRODUCTION)
    if rule is None:
        return
    versions = keeper.registry.versions(version.name)
    with reading(keeper.ledger) as session:
        bypass = find(session, policy, version, versions)
    if bypass is None:
        report_crowd(keeper, rule, version, versions)
        return
    reverts = rule.on_bypass == "revert" and policy.mode == "enforce"
    _report(keeper, bypass, reverts=reverts)
    if reverts:
        _revert(keeper, bypass)


def _report(keeper: Gatekeeper, bypass: Bypass, *, reverts: bool) -> None:
    said = f"{bypass.how}. {'It is undone' if reverts else 'It is left as it is'}, as the policy says."
    version = bypass.intruder
    message = render_problem(
        version.name, version.version, said, console_url=keeper.console_url, channel=OWNERS
    )
    with writing(keeper.ledger) as session:
        tell_once(keeper, session, message, occasion=bypass.occasion)


def _revert(keeper: Gatekeeper, bypass: Bypass) -> None:
    """Write both decisions down in one transaction, then do them, the champion first."""
    plans: list[Plan] = []
    if bypass.pushed_out is not None:
        plans.append(_restore(keeper, bypass, bypass.pushed_out))
    leaves = Stage.PRODUCTION if bypass.pushed_out is None else Stage.ARCHIVED
    if bypass.came_from is not leaves:
        plans.append(_send_back(keeper, bypass, Transition(from_stage=leaves, to_stage=bypass.came_from)))
    for judgement, evidence in _record(keeper, bypass.policy, plans):
        apply(keeper, judgement, evidence)


def _restore(keeper: Gatekeeper, bypass: Bypass, champion: ModelVersion) -> Plan:
    evidence = Evidence(
        candidate=facts(keeper.registry, champion), champion=facts(keeper.registry, bypass.intruder)
    )
    decision = Decision(
        answer=Answer.PROMOTE,
        reasons=(f"it was the champion until {bypass.how}",),
        steps=(Step(kind="transition", target=Stage.PRODUCTION, archive_existing=True),),
    )
    transition = Transition(from_stage=champion.stage, to_stage=Stage.PRODUCTION)
    return evidence, _evaluation(bypass, evidence, transition), decision


def _send_back(keeper: Gatekeeper, bypass: Bypass, transition: Transition) -> Plan:
    evidence = Evidence(candidate=facts(keeper.registry, bypass.intruder))
    decision = Decision(
        answer=Answer.REJECT,
        reasons=(f"{bypass.how}; undone, as the policy says",),
        steps=(Step(kind="transition", target=transition.to_stage),),
    )
    return evidence, _evaluation(bypass, evidence, transition), decision


def _evaluation(bypass: Bypass, evidence: Evidence, transition: Transition) -> Evaluation:
    """No gate was judged: a bypass is undone for what it is."""
    return Evaluation(
        policy=bypass.policy.name,
        policy_digest=bypass.policy.digest,
        evidence_digest=evidence.digest(),
        transition=transition,
        verdicts=(),
    )


def _record(keeper: Gatekeeper, policy: Policy, plans: list[Plan]) -> list[tuple[Judgement, Evidence]]:
    now, done = keeper.now(), []
    with writing(keeper.ledger) as session:
        judgements.keep_policy(session, digest=policy.digest, name=policy.name, text=policy.text)
        for evidence, evaluation, decision in plans:
            of = evidence.candidate
            actions.drop_planned(session, of.name, of.version, note="the move is undone anew", now=now)
            judgements.keep_evidence(session, evidence, inputs=evidence.digest(), now=now)
            said = (evaluation, decision)
            judged = judgements.record(session, of.name, of.version, said, product=keeper.product, now=now)
            # Whoever finds this half done will be looking at either version.
            work.ring(session, of.name, of.version, now)
            show_judgement(keeper, session, judged, evidence)
            tell_decided(keeper, session, judged, evidence)
            done.append((judged, evidence))
    return done
