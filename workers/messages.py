"""Puts messages into the outbox, in the same transaction as the fact they tell; `workers.tell` sends them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from ledger import approvals, follows, inbox, judgements
from ledger.judgements import Judgement
from ledger.outbox import Draft, enqueue
from ledger.uses import uses
from notifications.announce import render_voided
from notifications.channels import LogChannel
from notifications.figures import figures_of
from notifications.message import Message, MessageKind
from notifications.render import render, render_plotted
from policies.asking import deadline
from policies.evidence.evidence import Evidence
from policies.parse import parse_policy
from policies.problems import PolicyInvalid
from policies.verdicts import Answer, Decision
from policies.voiding import Judged, changes, voided
from policies.wear import warnings
from workers.gatekeeper import Gatekeeper

REVIEWERS = "reviewers"
"""Told of what waits for people, where the policy names no channel."""
OWNERS = "owners"
"""Told of models and policies that need attention."""


def tell_once(keeper: Gatekeeper, session: Session, message: Message, *, occasion: str = "") -> None:
    """One row for each open channel that takes it; the same fact on the same occasion is told once.

    Whoever follows the model is told too. Whoever muted it is not, but of a broken glass; the log keeps it.
    """
    for copy, muted in _copies(session, message):
        draft = Draft(
            key=f"{occasion}{copy.key}", model=copy.model, version=copy.version, text=copy.model_dump_json()
        )
        for channel in keeper.channels:
            if channel.takes(copy) and not (muted and channel.name != LogChannel.name):
                enqueue(session, draft, via=channel.name, now=keeper.now())


def _copies(session: Session, message: Message) -> Iterator[tuple[Message, bool]]:
    """The message for its own channel, and for each that follows the model; and whether that is muted."""
    if message.quiet:
        yield message, False
        return
    wishes = follows.of_model(session, message.model)
    spared = wishes.get(message.channel) == "mute" and message.kind is not MessageKind.OVERRIDE
    yield message, spared
    for channel, wish in wishes.items():
        if wish == "follow" and channel != message.channel:
            yield message.model_copy(update={"channel": channel, "key": f"{message.key} {channel}"}), False


def tell_decision(keeper: Gatekeeper, session: Session, judgement: Judgement, evidence: Evidence) -> None:
    """Tell the reviewers of a decision that the policy announces to nobody; promotions may be quiet.

    Wherever the candidate is shown, it is shown as it now stands.
    """
    decision = judgement.decision
    announced = any(step.kind == "notify" for step in decision.steps)
    if not announced and decision.answer is not Answer.PROMOTE:
        tell_judgement(keeper, session, judgement, evidence, channel=REVIEWERS)
    elif not announced:
        show_judgement(keeper, session, judgement, evidence)


def show_judgement(keeper: Gatekeeper, session: Session, judgement: Judgement, evidence: Evidence) -> None:
    """Have a decision shown where its candidate is, and tell nobody."""
    message = _rendered(keeper, session, judgement, evidence, REVIEWERS).model_copy(update={"quiet": True})
    tell_once(keeper, session, message, occasion=f"decision {judgement.id} shown: ")


def tell_plotted(keeper: Gatekeeper, session: Session, judgement: Judgement) -> None:
    """Have the picture of a judgement shown where its candidate is."""
    evaluation = judgement.evaluation.digest()
    tell_once(
        keeper, session, render_plotted(judgement.model, judgement.version, evaluation, channel=REVIEWERS)
    )


def remind(
    keeper: Gatekeeper, session: Session, judgement: Judgement, decision: Decision, evidence: Evidence
) -> None:
    """Remind those still asked, once for each time at which that is due; of several missed ones once."""
    if decision.reminder is None:
        return
    evaluation, due = judgement.evaluation, decision.reminder
    judged = replace(judgement, decision=decision)
    message = _rendered(keeper, session, judged, evidence, REVIEWERS, template="reminded")
    occasion = (
        f"{evaluation.transition} of {evaluation.evidence_digest} asked, reminder of {due.isoformat()}: "
    )
    tell_once(keeper, session, message, occasion=occasion)


def pass_on_requests(keeper: Gatekeeper, session: Session, judgement: Judgement, evidence: Evidence) -> None:
    """Whoever requests this transition at the registry asks the reviewers, asked already or not."""
    if judgement.decision.answer is not Answer.ASK:
        return
    evaluation = judgement.evaluation
    for asked in inbox.requested_since(session, judgement.model, judgement.version, judgement.at):
        if asked.event.to_stage in {None, evaluation.transition.to_stage}:
            said = asked.event.detail.get("text", f"somebody requested {evaluation.transition.to_stage}")
            message = _rendered(
                keeper, session, judgement, evidence, REVIEWERS, template="requested", request=said
            )
            tell_once(keeper, session, message, occasion=f"request {asked.id}: ")


def tell_voided(keeper: Gatekeeper, session: Session, before: Judgement, after: Judged) -> None:
    """Tell the reviewers whose approvals count no more, and why."""
    model, version = before.model, before.version
    was = before.evaluation, judgements.evidence_of(session, before)
    lost = voided(approvals.of_version(session, model, version), was, after[0])
    if lost:
        message = render_voided(
            model, version, lost, changes(was, after),
            console_url=keeper.console_url, channel=REVIEWERS, words=keeper.words,
        )  # fmt: skip
        tell_once(keeper, session, message)


def tell_judgement(
    keeper: Gatekeeper, session: Session, judgement: Judgement, evidence: Evidence, *, channel: str
) -> None:
    """Tell one of the policy's channels of a decision."""
    message = _rendered(keeper, session, judgement, evidence, channel)
    tell_once(keeper, session, message, occasion=f"decision {judgement.id}: ")


def _rendered(
    keeper: Gatekeeper,
    session: Session,
    judgement: Judgement,
    evidence: Evidence,
    channel: str,
    *,
    template: str | None = None,
    **more: str,
) -> Message:
    """The decision in words, and what is to be said of its hold-outs."""
    used = uses(session, judgement.model).get((judgement.model, judgement.version), ())
    return render(
        judgement.decision,
        judgement.evaluation,
        evidence.candidate,
        evidence.champion,
        console_url=keeper.console_url,
        channel=channel,
        figures=figures_of(evidence),
        until=_until(session, judgement),
        mind=warnings(used),
        template=template,
        words=keeper.words,
        **more,
    )


def _until(session: Session, judgement: Judgement) -> datetime | None:
    """When the request ends that a decision makes, by the policy text that it rests on."""
    moment = judgement.decision.moment
    if judgement.decision.answer is not Answer.ASK or moment is None:
        return None
    evaluation = judgement.evaluation
    try:
        policy = parse_policy(
            judgements.policy_text(session, evaluation.policy_digest), file=evaluation.policy
        )
    except PolicyInvalid:
        return None  # an earlier release took what this one does not
    rule = policy.rule_from(evaluation.transition.from_stage)
    return deadline(rule.approvals, moment) if rule else None
