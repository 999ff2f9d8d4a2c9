"""Evidence -> Evaluation: every gate of one rule judged, nothing decided yet. Pure."""

from datetime import datetime

from policies.evidence.evidence import Evidence
from policies.evidence.gap import Gap
from policies.evidence.kinds import Finding
from policies.evidence.need import DataNeed, Need
from policies.gates.judged import judged
from policies.implied import with_implied
from policies.language import Policy, Rule
from policies.rule import ARTIFACTS
from policies.verdicts import Evaluation, Outcome, Verdict
from registry.words import Stage


def needs(policy: Policy, rule: Rule, now: datetime | None = None) -> tuple[Need, ...]:
    """What must be measured for a rule, each thing once; a gate excepted `now` asks as if it only warned."""
    wanted: dict[str, Need] = {}
    excepted = {waiver.gate for waiver in policy.exceptions if now and now < waiver.end}
    for gate in with_implied(rule.gates, policy.datasets):
        asking = gate.model_copy(update={"severity": "warn"}) if gate.label in excepted else gate
        for asked in asking.needs():
            need = _sliced(policy, asked)
            known = wanted.get(need.key)
            wanted[need.key] = known.wider(need) if known else need
    return tuple(wanted.values())


def _sliced(policy: Policy, need: Need) -> Need:
    dataset = policy.datasets.get(need.dataset) if isinstance(need, DataNeed) else None
    return need.sliced(dataset.slices) if dataset and isinstance(need, DataNeed) else need


def evaluate(policy: Policy, rule: Rule, evidence: Evidence) -> Evaluation:
    """One verdict per gate, in the policy's order, tied to exactly this policy and this evidence."""
    return Evaluation(
        policy=policy.name,
        policy_digest=policy.digest,
        evidence_digest=evidence.digest(),
        transition=rule.transition,
        verdicts=_verdicts(policy, rule, evidence),
        rubber_stamp=evidence.champion is None and _asks_for_champion(policy, rule),
    )


def _verdicts(policy: Policy, rule: Rule, evidence: Evidence) -> tuple[Verdict, ...]:
    """Without its files there is nothing to promote, whatever the gates are: fail if lost, else unknown."""
    if why := evidence.candidate.unreadable:
        outcome = Outcome.FAIL if evidence.candidate.lost else Outcome.ERROR
        return (Verdict(gate=ARTIFACTS, outcome=outcome, sentence=why),)
    fit = _without_the_unfit(policy, rule, evidence)
    return tuple(judged(gate, fit) for gate in with_implied(rule.gates, policy.datasets))


def _asks_for_champion(policy: Policy, rule: Rule) -> bool:
    """Whether a champion is missed: the rule compares with one, or is about to make one."""
    compares = any(need.against_champion for need in needs(policy, rule))
    return compares or rule.to_stage is Stage.PRODUCTION


def _without_the_unfit(policy: Policy, rule: Rule, evidence: Evidence) -> Evidence:
    """The evidence with a gap for every finding that answers another question, or rests on too few rows."""
    gaps = {}
    for need in needs(policy, rule):
        if need.key not in evidence.findings:
            continue
        finding = evidence.findings[need.key]
        if gap := _unanswered(need, finding) or _too_few(policy, need, finding):
            gaps[need.key] = gap
    return evidence.model_copy(update={"findings": {**evidence.findings, **gaps}}) if gaps else evidence


def _unanswered(need: Need, finding: Finding) -> Gap | None:
    why = need.unanswered(finding) if isinstance(need, DataNeed) else None
    return Gap(reason=why) if why else None


def _too_few(policy: Policy, need: Need, finding: Finding) -> Gap | None:
    dataset = policy.datasets.get(need.dataset) if isinstance(need, DataNeed) else None
    rows = getattr(finding, "rows", None)
    if dataset is None or rows is None or rows >= dataset.min_rows:
        return None
    return Gap(reason=f"{need.key} rests on {rows:,} rows, at least {dataset.min_rows:,} are needed")
