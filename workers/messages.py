"""Puts messages into the outbox, in the same transaction as the fact they tell; `workers.tell` sends them."""

from dataclasses import replace

from sqlalchemy.orm import Session

from ledger import approvals, inbox, judgements
from ledger.judgements import Judgement
from ledger.outbox import Draft, enqueue
from ledger.uses import uses
from notifications.announce import render_voided
from notifications.message import Message
from notifications.render import render
from policies.evidence.evidence import Evidence
from policies.verdicts import Answer, Decision
from policies.voiding import Judged, changes, voided
from policies.wear import warnings
from workers.gatekeeper import Gatekeeper

REVIEWERS = "reviewers"
"""Told of what waits for people, where the policy names no channel."""
OWNERS = "owners"
"""Told of models and policies that need attention."""


def tell_once(keeper: Gatekeeper, session: Session, message: Message, *, occasion: str = "") -> None:
    """One row for each open channel; the same fact on the same occasion is told once."""
    draft = Draft(
        key=f"{occasion}{message.key}",
        model=message.model,
        version=message.version,
        text=message.model_dump_json(),
    )
    for channel in keeper.channels:
        enqueue(session, draft, via=channel.name, now=keeper.now())


def tell_decision(keeper: Gatekeeper, session: Session, judgement: Judgement, evidence: Evidence) -> None:
    """Tell the reviewers of a decision that the policy announces to nobody; promotions may be quiet."""
    decision = judgement.decision
    announced = any(step.kind == "notify" for step in decision.steps)
    if not announced and decision.answer is not Answer.PROMOTE:
        tell_judgement(keeper, session, judgement, evidence, channel=REVIEWERS)


def remind(
    keeper: Gatekeeper, session: Session, judgement: Judgement, decision: Decision, evidence: Evidence
) -> None:
    """Remind those still asked, once for each time at which that is due; of several missed ones once."""
    if decision.reminder is None:
        return
    evaluation, due = judgement.evaluation, decision.reminder
    message = _rendered(keeper, session, replace(judgement, decision=decision), evidence, REVIEWERS)
    title = f"Reminder: {message.title}"
    occasion = (
        f"{evaluation.transition} of {evaluation.evidence_digest} asked, reminder of {due.isoformat()}: "
    )
    tell_once(keeper, session, message.model_copy(update={"title": title}), occasion=occasion)


def pass_on_requests(keeper: Gatekeeper, session: Session, judgement: Judgement, evidence: Evidence) -> None:
    """Whoever requests this transition at the registry asks the reviewers, asked already or not."""
    if judgement.decision.answer is not Answer.ASK:
        return
    evaluation = judgement.evaluation
    message = _rendered(keeper, session, judgement, evidence, REVIEWERS)
    for asked in inbox.requested_since(session, judgement.model, judgement.version, judgement.at):
        if asked.event.to_stage in {None, evaluation.transition.to_stage}:
            said = asked.event.detail.get("text", f"somebody requested {evaluation.transition.to_stage}")
            text = f"Requested at the registry: {said}\n{message.text}"
            tell_once(
                keeper, session, message.model_copy(update={"text": text}), occasion=f"request {asked.id}: "
            )


def tell_voided(keeper: Gatekeeper, session: Session, before: Judgement, after: Judged) -> None:
    """Tell the reviewers whose approvals count no more, and why."""
    model, version = before.model, before.version
    was = before.evaluation, judgements.evidence_of(session, before)
    lost = voided(approvals.of_version(session, model, version), was, after[0])
    if lost:
        changed = changes(was, after)
        tell_once(
            keeper,
            session,
            render_voided(model, version, lost, changed, console_url=keeper.console_url, channel=REVIEWERS),
        )


def tell_judgement(
    keeper: Gatekeeper, session: Session, judgement: Judgement, evidence: Evidence, *, channel: str
) -> None:
    """Tell one of the policy's channels of a decision."""
    message = _rendered(keeper, session, judgement, evidence, channel)
    tell_once(keeper, session, message, occasion=f"decision {judgement.id}: ")


def _rendered(
    keeper: Gatekeeper, session: Session, judgement: Judgement, evidence: Evidence, channel: str
) -> Message:
    """The decision in words, and what is to be said of its hold-outs."""
    message = render(
        judgement.decision,
        judgement.evaluation,
        evidence.candidate,
        evidence.champion,
        console_url=keeper.console_url,
        channel=channel,
    )
    used = uses(session, judgement.model).get((judgement.model, judgement.version), ())
    text = "\n".join([message.text, *(f"Mind: {sentence}." for sentence in warnings(used))])
    return message.model_copy(update={"text": text})
