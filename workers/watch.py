"""Looks after a champion: judges its watch's gates when they are due; if they fail, the one before goes back.

Going back is two decisions like any other, written down before they are done: the watched version is
rejected, and the champion before it promoted, which archives the watched one in the same move. A watch lasts
from a promotion by the rule, not from being put back, and nobody goes back to whom a watch has put out: two
that both fail would else take turns.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ledger import judgements
from ledger.engine import reading, writing
from notifications.render import render_problem
from policies.evaluate import evaluate
from policies.evidence.evidence import Evidence
from policies.language import Policy, Rule
from policies.verdicts import Answer, Decision, Evaluation, Step, Transition
from policies.watch import Watch, doubts, failures
from registry.words import ModelVersion, Stage
from workers.apply import apply
from workers.case import Case, facts
from workers.gatekeeper import Gatekeeper
from workers.gather import Gathered, gather
from workers.messages import OWNERS, tell_once
from workers.plans import Plan, plan, write_down

OUT = Transition(from_stage=Stage.PRODUCTION, to_stage=Stage.ARCHIVED)


@dataclass(frozen=True)
class Watched:
    """A champion under watch: since when, and the champion before it, if that may go back."""

    policy: Policy
    rule: Rule
    watch: Watch
    version: ModelVersion
    since: datetime
    before: ModelVersion | None


def watch(keeper: Gatekeeper, policy: Policy, version: ModelVersion) -> datetime | None:
    """Look at a version in Production, if that is due; when to look again comes back.

    Raises what `gather` and `apply` raise.
    """
    watched = _watched(keeper, policy, version)
    if watched is None:
        return None
    now = keeper.now()
    if watched.watch.looks_at(watched.since, now):
        _judge(keeper, watched)
    return watched.watch.next_look(watched.since, now)


def _watched(keeper: Gatekeeper, policy: Policy, version: ModelVersion) -> Watched | None:
    rule = policy.rule_to(Stage.PRODUCTION)
    if rule is None or rule.watch is None:
        return None
    with reading(keeper.ledger) as session:
        promotions = judgements.promoted(session, version.name)
        own = [judged for judged in promotions if judged.version == version.version]
        by_rule = [judged for judged in own if judged.evaluation.transition == rule.transition]
        if not by_rule or promotions[0] is not own[0]:
            return None
        champion = judgements.evidence_of(session, by_rule[0]).champion
        put_out = champion is not None and _put_out(session, version.name, champion.version)
    there = {each.version: each for each in keeper.registry.versions(version.name)}
    before = there.get(champion.version) if champion and not put_out else None
    return Watched(policy, rule, rule.watch, version, by_rule[0].at, before)


def _put_out(session: Session, model: str, version: int) -> bool:
    """Whether the last that was decided on a version is that its watch failed."""
    judged = judgements.latest(session, model, version)
    return judged is not None and judged.evaluation.transition == OUT


def _judge(keeper: Gatekeeper, watched: Watched) -> None:
    """As long as the data is the same no model is run again: evidence is kept by what it rests on."""
    rule = watched.rule.model_copy(update={"gates": watched.watch.gates})
    case = Case(policy=watched.policy, rule=rule, candidate=watched.version, champion=None)
    gathered = gather(keeper, case)
    evaluation = evaluate(watched.policy, rule, gathered.evidence)
    evaluation = evaluation.model_copy(update={"transition": OUT, "rubber_stamp": False})
    if failed := failures(evaluation.verdicts):
        _fail(keeper, watched, gathered, evaluation, failed)
    for doubt in doubts(evaluation.verdicts):
        _report(keeper, watched.version, f"its watch could not tell: {doubt}", channel=OWNERS)


def _fail(
    keeper: Gatekeeper, watched: Watched, gathered: Gathered, evaluation: Evaluation, failed: list[str]
) -> None:
    """Told and decided once: a champion that stays where it is goes on failing."""
    model, version = watched.version.name, watched.version.version
    with reading(keeper.ledger) as session:
        if _put_out(session, model, version):
            return
    goes = watched.watch.rolls_back and watched.policy.mode == "enforce"
    what = (
        f"version {watched.before.version} goes back" if goes and watched.before else "it stays where it is"
    )
    said = f"no longer fit for Production: {'; '.join(failed)}"
    for channel in watched.watch.told:
        _report(keeper, watched.version, f"{said}; {what}", channel=channel)
    out = _decision(Answer.REJECT, said)
    decided = [Plan(gathered.evidence, evaluation, out, gathered.inputs, gathered.sketch)]
    if goes and watched.before:
        decided.append(_restore(keeper, watched, watched.before, said))
    for judgement, evidence in write_down(keeper, watched.policy, decided, note="the watch has decided anew"):
        apply(keeper, judgement, evidence)


def _restore(keeper: Gatekeeper, watched: Watched, before: ModelVersion, said: str) -> Plan:
    """No gate is judged of the version that goes back: it was fit until this one took its place."""
    evidence = Evidence(
        candidate=facts(keeper.registry, before), champion=facts(keeper.registry, watched.version)
    )
    aliases = [one.step() for one in watched.rule.on_pass if one.step().kind == "alias"]
    move = Step(kind="transition", target=Stage.PRODUCTION, archive_existing=True)
    reason = f"it was the champion before version {watched.version.version}, which is {said}"
    back = Transition(from_stage=before.stage, to_stage=Stage.PRODUCTION)
    return plan(watched.policy, evidence, back, _decision(Answer.PROMOTE, reason, move, *aliases))


def _decision(answer: Answer, reason: str, *steps: Step) -> Decision:
    return Decision(answer=answer, reasons=(reason,), steps=steps)


def _report(keeper: Gatekeeper, version: ModelVersion, said: str, *, channel: str) -> None:
    message = render_problem(
        version.name,
        version.version,
        said,
        console_url=keeper.console_url,
        channel=channel,
        words=keeper.words,
    )
    with writing(keeper.ledger) as session:
        tell_once(keeper, session, message)
