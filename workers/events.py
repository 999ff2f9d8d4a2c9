"""Tells machines what was decided and what was moved, each fact once, in the transaction that records it."""

from sqlalchemy.orm import Session

from ledger.actions import Action
from ledger.judgements import Judgement
from notifications.events import Event, EventData, EventType, brief
from notifications.message import page_of
from notifications.render import render_event
from policies.evidence.evidence import Evidence
from registry.words import Stage
from workers.gatekeeper import Gatekeeper
from workers.messages import tell_once


def tell_decided(keeper: Gatekeeper, session: Session, judgement: Judgement, evidence: Evidence) -> None:
    """Tell machines of a decision."""
    occasion = f"decision {judgement.id}"
    _tell_event(keeper, session, "decision.taken", judgement, evidence, occasion=occasion)


def tell_moved(
    keeper: Gatekeeper, session: Session, judgement: Judgement, evidence: Evidence, *, action: Action
) -> None:
    """Tell machines of a move that the registry has made.

    Nothing is judged of a version that goes back to where it was: a promotion without verdicts is a rollback,
    unless a person made it, or a policy without gates.
    """
    kind: EventType = "version.moved"
    if Stage.parse(action.step.target) is Stage.PRODUCTION:
        went = judgement.evaluation.transition.from_stage
        goes_back = not judgement.evaluation.verdicts and went is not Stage.STAGING
        by_person = judgement.decision.act is not None
        kind = "version.rolled_back" if goes_back and not by_person else "version.promoted"
    _tell_event(keeper, session, kind, judgement, evidence, occasion=f"action {action.id}", action=action)


def _tell_event(  # noqa: PLR0913 an event is of all of these
    keeper: Gatekeeper,
    session: Session,
    kind: EventType,
    judgement: Judgement,
    evidence: Evidence,
    *,
    occasion: str,
    action: Action | None = None,
) -> None:
    evaluation, candidate, champion = judgement.evaluation, evidence.candidate, evidence.champion
    to_stage = Stage.parse(action.step.target) if action else evaluation.transition.to_stage
    replaces = champion is not None and action is not None and to_stage is Stage.PRODUCTION
    data = EventData(
        model=judgement.model,
        version=judgement.version,
        answer=judgement.decision.answer,
        reasons=brief(judgement.decision.reasons),
        from_stage=evaluation.transition.from_stage,
        to_stage=to_stage,
        policy=evaluation.policy,
        policy_digest=evaluation.policy_digest,
        evidence_digest=evaluation.evidence_digest,
        source=candidate.source,
        run_id=candidate.run_id,
        replaced=champion.version if champion and replaces else None,
        link=page_of(keeper.console_url, judgement.model, judgement.version),
    )
    event = Event(type=kind, timestamp=keeper.now(), data=data)
    tell_once(keeper, session, render_event(event, occasion=occasion))
