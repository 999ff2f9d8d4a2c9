"""The main job on one version: read the registry, gather, evaluate, decide, record, apply.

Level-triggered: whatever event led here, the registry is asked what is so now. A decision is written down
once, with the actions it plans; a second look at an unchanged version finds the same decision on record
and only finishes what is still planned.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from ledger import actions, approvals, holds, judgements, work
from ledger.engine import reading, writing
from ledger.judgements import Judgement
from notifications.render import render_problem, render_unguarded
from policies.book import AskedTags, PolicyBook
from policies.decide import decide
from policies.evaluate import evaluate
from policies.language import Policy
from policies.problems import PolicyInvalid
from policies.verdicts import Answer, Approval, Decision, Evaluation
from registry.aliased import AliasedRegistry, stage_by_alias
from registry.errors import VersionMissing
from registry.words import ModelVersion, Stage
from workers.apply import apply
from workers.bypass import examine
from workers.case import Case, case_of
from workers.errors import ModelHeld, WorldChanged
from workers.events import tell_decided
from workers.gatekeeper import Gatekeeper
from workers.gather import Gathered, gather
from workers.messages import OWNERS, pass_on_requests, remind, tell_decision, tell_once, tell_voided
from workers.moments import moment_of
from workers.over_the_gate import carry_out
from workers.reopening import reopen
from workers.report import want_report
from workers.settling import settle
from workers.watch import watch

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Later:
    """Why to look again; at `until`, when the clock alone may bring another decision, else soon."""

    why: str
    until: datetime | None = None


def judge(keeper: Gatekeeper, model: str, version: int) -> Later | None:
    """Judge a version as it stands and do what follows; what comes back says why to look again later.

    Raises RegistryUnavailable, LedgerUnavailable and ModelBusy, all worth another look.
    """
    try:
        candidate = keeper.registry.version(model, version)
    except VersionMissing as error:
        log.info("model_name=%r version=%s left alone: %s", model, version, error)
        return None
    book, tags = keeper.policies(), AskedTags(lambda: keeper.registry.model_tags(model))
    try:
        policy = book.for_model(model, tags)
    except PolicyInvalid as error:
        problem = render_problem(
            model, version, str(error), console_url=keeper.console_url, channel=OWNERS, words=keeper.words
        )
        with writing(keeper.ledger) as session:
            tell_once(keeper, session, problem)
        return Later(f"its policy cannot be read: {error}")
    if policy is None:
        message = render_unguarded(
            model, version, console_url=keeper.console_url, channel=OWNERS, words=keeper.words
        )
        with writing(keeper.ledger) as session:
            tell_once(keeper, session, message)
        return None
    if policy.lifecycle == "aliases":
        keeper = replace(keeper, registry=AliasedRegistry(keeper.registry))
        candidate = candidate.model_copy(update={"stage": stage_by_alias(candidate)})
    try:
        return _by_policy(keeper, book, policy, candidate, tags=tags.answer)
    except WorldChanged as error:
        return Later(str(error))
    except ModelHeld as error:
        log.info("model_name=%r version=%s stays as it is: %s", model, version, error)
        return None  # whoever resumes it asks for a look


def _by_policy(
    keeper: Gatekeeper,
    book: PolicyBook,
    policy: Policy,
    candidate: ModelVersion,
    *,
    tags: Mapping[str, str] | None,
) -> Later | None:
    rule = policy.rule_from(candidate.stage)
    if settle(keeper, candidate, rule):
        return Later("it was decided over the gate's head: to be looked at where it stands now")
    if carry_out(keeper, book, policy, candidate):
        return None  # a look at where it stands now is asked for
    if rule is not None:
        case = case_of(keeper.registry, policy, rule, candidate)
        return _judged(keeper, book, replace(case, model_tags=tags))
    if candidate.stage is Stage.ARCHIVED:
        reopen(keeper, policy, candidate)
    if candidate.stage is Stage.PRODUCTION:
        with reading(keeper.ledger) as session:
            hold = holds.in_force(session, candidate.name)
        examine(keeper, policy, candidate, hold)
        again = None if hold else watch(keeper, policy, candidate)
        return Later("it is watched", again) if again else None
    return None


def _judged(keeper: Gatekeeper, book: PolicyBook, case: Case) -> Later | None:
    model, version = case.candidate.name, case.candidate.version
    gathered = gather(keeper, case)
    evaluation = evaluate(case.policy, case.rule, gathered.evidence)
    moment = moment_of(keeper, case, evaluation)

    def decided(votes: Sequence[Approval]) -> Decision:
        authors = book.authors(gathered.evidence.candidate.authors)
        decision = decide(
            case.policy, case.rule, evaluation, votes, authors=authors, groups=book.groups, moment=moment
        )
        tags = None if case.model_tags is None else dict(case.model_tags)
        return decision.model_copy(update={"model_tags": tags})

    judgement, decision = _record(keeper, case, gathered, evaluation, decided)
    log.info("model_name=%r version=%s decision=%s: %s", model, version, decision.answer, decision.reasons)
    try:
        apply(keeper, judgement, gathered.evidence)
    except ModelHeld as error:
        return Later(f"held since it was decided, so that is decided anew: {error}")
    if decision.moment and decision.moment.held:
        return None  # whoever resumes it asks for a look
    if decision.answer is Answer.HOLD or decision.until is not None:
        return Later("; ".join(decision.reasons), decision.until)
    return None


def _record(
    keeper: Gatekeeper,
    case: Case,
    gathered: Gathered,
    evaluation: Evaluation,
    decided: Callable[[Sequence[Approval]], Decision],
) -> tuple[Judgement, Decision]:
    """Decide, and write it down with what it rests on, unless exactly that is in force already.

    Votes are read while nobody can add one: what was withdrawn before is not counted, and what comes later is
    said of this decision.
    """
    model, version = case.candidate.name, case.candidate.version
    now = keeper.now()
    with writing(keeper.ledger) as session:
        work.hold_still(session, model, version)
        said = evaluation, decided(approvals.of_version(session, model, version))
        before = judgements.latest(session, model, version)
        if before is not None and _in_force(session, before, said):
            remind(keeper, session, before, said[1], gathered.evidence)
            pass_on_requests(keeper, session, before, gathered.evidence)
            return before, said[1]
        if before is not None:
            tell_voided(keeper, session, before, (evaluation, gathered.evidence))
        actions.drop_planned(session, model, version, note="a newer decision took its place", now=now)
        judgements.keep_evidence(session, gathered.evidence, inputs=gathered.inputs, now=now)
        policy = case.policy
        judgements.keep_policy(session, digest=policy.digest, name=policy.name, text=policy.text)
        judgement = judgements.record(session, model, version, said, product=keeper.product, now=now)
        want_report(session, judgement, gathered.sketch, now)
        tell_decision(keeper, session, judgement, gathered.evidence)
        tell_decided(keeper, session, judgement, gathered.evidence)
    return judgement, said[1]


def _in_force(session: Session, before: Judgement, said: tuple[Evaluation, Decision]) -> bool:
    """Whether the decision on record is this one, and not one whose move somebody has undone since."""
    evaluation, decision = said
    if (before.evaluation.transition, before.decision.answer) != (evaluation.transition, decision.answer):
        return False
    if decision.answer is Answer.HOLD:
        return before.decision.reasons == decision.reasons
    if before.evaluation != evaluation or not decision.says_the_same(before.decision):
        return False
    moves = any(step.kind == "transition" for step in decision.steps)
    return not moves or bool(actions.planned(session, before.id))
