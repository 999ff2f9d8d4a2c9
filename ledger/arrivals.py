"""When a version came into the stage that it is in, and since when people are asked about it: as recorded."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger import inbox
from ledger.tables import ActionRow, DecisionRow, EventRow
from policies.verdicts import Answer, Evaluation, Step, Transition
from registry.events import EventKind, RegistryEvent
from registry.words import Stage


def into_stage(session: Session, model: str, version: int, stage: Stage) -> datetime | None:
    """When it came into this stage, if its last recorded move led there; None if that is not on record.

    Our own move is known before it is seen, and counts from when it was made.
    """
    ours, told = _moved_by_us(session, model, version), inbox.last_move(session, model, version)
    last = ours
    if told is not None and told.event.to_stage is not None:
        seen = (told.at, told.event.to_stage)
        retold = ours is not None and told.ignored and ours[1] is seen[1]
        if ours is None or (seen > ours and not retold):
            last = seen
    return last[0] if last and last[1] is stage else None


def under_alias(session: Session, model: str, version: int, alias: str, stage: Stage) -> datetime | None:
    """The same where an alias says in which stage a version is."""
    rows = session.execute(
        select(EventRow.event, EventRow.at)
        .where(
            EventRow.model == model,
            EventRow.version == version,
            EventRow.kind == EventKind.ALIAS_SET.value,
            EventRow.ignored.is_(None),
        )
        .order_by(EventRow.id.desc())
    )
    told = (at for text, at in rows if RegistryEvent.model_validate_json(text).detail.get("alias") == alias)
    ours = _moved_by_us(session, model, version)
    times = [next(told, None), ours[0] if ours and ours[1] is stage else None]
    return max((at for at in times if at), default=None)


def judged_since(session: Session, model: str, version: int, transition: Transition) -> datetime | None:
    """Since when every decision on this version is about this transition."""
    rows = session.execute(
        select(DecisionRow.evaluation, DecisionRow.at)
        .where(DecisionRow.model == model, DecisionRow.version == version)
        .order_by(DecisionRow.id.desc())
    )
    since = None
    for text, at in rows:
        if Evaluation.model_validate_json(text).transition != transition:
            break
        since = at
    return since


def asked_since(
    session: Session, model: str, version: int, evaluation: Evaluation, *, entered: datetime | None
) -> datetime | None:
    """When people were first asked about exactly this, since the version came into its stage."""
    query = select(func.min(DecisionRow.at)).where(
        DecisionRow.model == model,
        DecisionRow.version == version,
        DecisionRow.answer == Answer.ASK.value,
        DecisionRow.evidence_digest == evaluation.evidence_digest,
        DecisionRow.policy_digest == evaluation.policy_digest,
    )
    return session.scalar(query if entered is None else query.where(DecisionRow.at >= entered))


def _moved_by_us(session: Session, model: str, version: int) -> tuple[datetime, Stage] | None:
    """Our last move of this version: when, and whereto."""
    rows = session.execute(
        select(ActionRow.step, ActionRow.done)
        .where(ActionRow.model == model, ActionRow.version == version, ActionRow.state == "done")
        .order_by(ActionRow.id.desc())
    )
    for text, done in rows:
        step = Step.model_validate_json(text)
        if step.kind == "transition" and done is not None:
            return done, Stage.parse(step.target)
    return None
