"""A move into Production that the gate did not make: reported and, if the policy says so, undone.

Undoing is two decisions like any other, written down before they are done: the champion that was pushed out
goes back, which archives the intruder in the same move, and the intruder goes back to where it came from.
"""

from ledger.engine import reading, writing
from ledger.holds import Hold
from notifications.render import render_problem
from policies.evidence.evidence import Evidence
from policies.language import Policy
from policies.verdicts import Answer, Decision, Step, Transition
from registry.words import ModelVersion, Stage
from workers.apply import apply
from workers.case import facts
from workers.crowding import report_crowd
from workers.gatekeeper import Gatekeeper
from workers.intruders import Bypass, find
from workers.messages import OWNERS, tell_once
from workers.plans import Plan, plan, write_down


def examine(keeper: Gatekeeper, policy: Policy, version: ModelVersion, hold: Hold | None) -> None:
    """Look at a version in Production: whose doing was that, and what does the policy want?

    Of a model under a hold nothing is undone before that ends. Raises what `apply` raises.
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
    if reverts and hold:
        _report(keeper, bypass, f"It is to be undone, and left as it is while the model is {hold}")
    else:
        _report(keeper, bypass, f"It is {'undone' if reverts else 'left as it is'}, as the policy says")
    if reverts and not hold:
        _revert(keeper, bypass)


def _report(keeper: Gatekeeper, bypass: Bypass, follows: str) -> None:
    said = f"{bypass.how}. {follows}."
    version = bypass.intruder
    message = render_problem(
        version.name,
        version.version,
        said,
        console_url=keeper.console_url,
        channel=OWNERS,
        words=keeper.words,
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
    for judgement, evidence in write_down(keeper, bypass.policy, plans, note="the move is undone anew"):
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
    return plan(bypass.policy, evidence, transition, decision)


def _send_back(keeper: Gatekeeper, bypass: Bypass, transition: Transition) -> Plan:
    evidence = Evidence(candidate=facts(keeper.registry, bypass.intruder))
    decision = Decision(
        answer=Answer.REJECT,
        reasons=(f"{bypass.how}; undone, as the policy says",),
        steps=(Step(kind="transition", target=transition.to_stage),),
    )
    return plan(bypass.policy, evidence, transition, decision)
