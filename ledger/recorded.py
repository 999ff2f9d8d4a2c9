"""Every decision on record with the evidence and the votes it rests on, read as a stream."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session

from ledger.judgements import Judgement, read_judgement
from ledger.tables import ApprovalRow, DecisionRow, EvidenceRow, PolicyRow
from policies.evidence.evidence import Evidence
from policies.verdicts import Approval

BATCH = 500
"""Decisions that are held at a time."""


@dataclass(frozen=True)
class Recorded:
    """One decision; its evidence is None where another release wrote it in a form that this one lacks."""

    judgement: Judgement
    evidence: Evidence | None
    votes: tuple[Approval, ...]
    """Those that had been given for exactly this evidence and policy text."""


def count(session: Session, model: str | None = None, since: datetime | None = None) -> int:
    """How many decisions there are, of one model or of all, from a time on."""
    return session.scalar(select(func.count(DecisionRow.id)).where(*_chosen(model, since))) or 0


def recorded(session: Session, model: str | None = None, since: datetime | None = None) -> Iterator[Recorded]:
    """The same decisions in the order they were taken; never more than a batch of them is in memory."""
    query = (
        select(DecisionRow, EvidenceRow.evidence)
        .join(EvidenceRow, DecisionRow.evidence_digest == EvidenceRow.digest)
        .where(*_chosen(model, since))
        .order_by(DecisionRow.id)
    )
    for rows in session.execute(query, execution_options={"yield_per": BATCH}).partitions():
        yield from _with_votes(session, rows)


def newest_by_policy(session: Session, policy: str, limit: int) -> list[Recorded]:
    """The last decisions that any text of the policy of this name took, newest first."""
    rows = session.execute(
        select(DecisionRow, EvidenceRow.evidence)
        .join(EvidenceRow, DecisionRow.evidence_digest == EvidenceRow.digest)
        .join(PolicyRow, DecisionRow.policy_digest == PolicyRow.digest)
        .where(PolicyRow.name == policy)
        .order_by(DecisionRow.id.desc())
        .limit(limit)
    )
    return list(_with_votes(session, rows.all()))


def _with_votes(session: Session, rows: Iterable[Any]) -> Iterator[Recorded]:
    judged = [(read_judgement(row), evidence) for row, evidence in rows]
    votes = _votes(session, [judgement for judgement, _ in judged])
    for judgement, evidence in judged:
        given = votes.get((judgement.model, judgement.version), ())
        counted = tuple(vote for vote in given if _counted(vote, judgement))
        yield Recorded(judgement, _read(evidence), counted)


def _chosen(model: str | None, since: datetime | None) -> Iterator[ColumnElement[bool]]:
    if model is not None:
        yield DecisionRow.model == model
    if since is not None:
        yield DecisionRow.at >= since


def _votes(session: Session, judged: Sequence[Judgement]) -> dict[tuple[str, int], list[Approval]]:
    """All votes on these versions: one question for a batch."""
    versions = {(each.model, each.version) for each in judged}
    rows = session.execute(
        select(ApprovalRow.model, ApprovalRow.version, ApprovalRow.approval)
        .where(tuple_(ApprovalRow.model, ApprovalRow.version).in_(versions))
        .order_by(ApprovalRow.id)
    )
    votes: dict[tuple[str, int], list[Approval]] = {}
    for model, version, text in rows:
        votes.setdefault((model, version), []).append(Approval.model_validate_json(text))
    return votes


def _counted(vote: Approval, judgement: Judgement) -> bool:
    wanted = (judgement.evaluation.evidence_digest, judgement.evaluation.policy_digest)
    return (vote.evidence_digest, vote.policy_digest) == wanted and vote.at <= judgement.at


def _read(evidence: str) -> Evidence | None:
    try:
        return Evidence.model_validate_json(evidence)
    except ValidationError:
        return None
