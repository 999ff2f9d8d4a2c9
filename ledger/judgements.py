"""What was judged: evidence, policy texts and decisions, kept so that each can be computed again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.tables import ActionRow, DecisionRow, EvidenceRow, PolicyRow
from ledger.upsert import insert
from ledger.uses import note_uses
from policies.evidence.evidence import Evidence
from policies.verdicts import Answer, Decision, Evaluation
from registry.words import Stage


@dataclass(frozen=True)
class Judgement:
    """One decision on record, with all that it rests on."""

    id: int
    model: str
    version: int
    evaluation: Evaluation
    decision: Decision
    at: datetime


def known_evidence(session: Session, inputs: str) -> Evidence | None:
    """The newest evidence that was measured from exactly these inputs."""
    text = session.scalar(
        select(EvidenceRow.evidence)
        .where(EvidenceRow.inputs == inputs)
        .order_by(EvidenceRow.at.desc())
        .limit(1)
    )
    return None if text is None else Evidence.model_validate_json(text)


def keep_evidence(session: Session, evidence: Evidence, *, inputs: str, now: datetime) -> None:
    """Keep evidence under its digest; equal evidence is kept once. It uses the data sets that it rests on."""
    note_uses(session, evidence, now)
    digest = evidence.digest()
    row = {"digest": digest, "inputs": inputs, "evidence": evidence.model_dump_json(), "at": now}
    session.execute(insert(session, EvidenceRow).values(row).on_conflict_do_nothing())


def evidence_of(session: Session, judgement: Judgement) -> Evidence:
    """The evidence that a decision rests on."""
    row = session.get_one(EvidenceRow, judgement.evaluation.evidence_digest)
    return Evidence.model_validate_json(row.evidence)


def keep_policy(session: Session, *, digest: str, name: str, text: str) -> None:
    """Keep a policy's text under its digest."""
    row = {"digest": digest, "name": name, "text": text}
    session.execute(insert(session, PolicyRow).values(row).on_conflict_do_nothing())


def policy_text(session: Session, digest: str) -> str:
    """The text of a policy that judged."""
    return session.get_one(PolicyRow, digest).text


def latest(session: Session, model: str, version: int) -> Judgement | None:
    """The decision in force for this version."""
    row = session.scalar(
        select(DecisionRow)
        .where(DecisionRow.model == model, DecisionRow.version == version)
        .order_by(DecisionRow.id.desc())
        .limit(1)
    )
    return None if row is None else read_judgement(row)


def in_force(session: Session, model: str | None = None) -> dict[tuple[str, int], Judgement]:
    """The newest decision of every version, of one model or of all: one question, not one per version."""
    newest = select(func.max(DecisionRow.id)).group_by(DecisionRow.model, DecisionRow.version)
    if model is not None:
        newest = newest.where(DecisionRow.model == model)
    rows = session.scalars(select(DecisionRow).where(DecisionRow.id.in_(newest)))
    return {(row.model, row.version): read_judgement(row) for row in rows}


def promoted(session: Session, model: str) -> list[Judgement]:
    """Every decision that sent a version of this model to Production, newest first."""
    query = select(DecisionRow).where(DecisionRow.model == model, DecisionRow.answer == Answer.PROMOTE.value)
    found = [read_judgement(row) for row in session.scalars(query.order_by(DecisionRow.id.desc()))]
    return [one for one in found if one.evaluation.transition.to_stage is Stage.PRODUCTION]


def record(
    session: Session,
    model: str,
    version: int,
    said: tuple[Evaluation, Decision],
    *,
    product: str,
    now: datetime,
) -> Judgement:
    """Append a decision, and write down each of its steps as an action that is planned."""
    evaluation, decision = said
    row = DecisionRow(
        model=model,
        version=version,
        answer=decision.answer.value,
        policy_digest=evaluation.policy_digest,
        evidence_digest=evaluation.evidence_digest,
        evaluation=evaluation.model_dump_json(),
        decision=decision.model_dump_json(),
        product=product,
        at=now,
    )
    session.add(row)
    session.flush()
    for step in decision.steps:
        session.add(
            ActionRow(
                decision_id=row.id, model=model, version=version, step=step.model_dump_json(),
                state="planned", note="", planned=now,
            )
        )  # fmt: skip
    session.flush()
    return read_judgement(row)


def read_judgement(row: DecisionRow) -> Judgement:
    """A row as the value it keeps."""
    return Judgement(
        id=row.id,
        model=row.model,
        version=row.version,
        evaluation=Evaluation.model_validate_json(row.evaluation),
        decision=Decision.model_validate_json(row.decision),
        at=row.at,
    )
