"""What people said of versions, appended; which of it counts is the policy's to say."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.tables import ApprovalRow
from policies.verdicts import Approval, Vote


def add(session: Session, model: str, version: int, approval: Approval) -> None:
    """Append one act."""
    session.add(
        ApprovalRow(model=model, version=version, approval=approval.model_dump_json(), at=approval.at)
    )


def of_version(session: Session, model: str, version: int) -> tuple[Approval, ...]:
    """All that was said of a version, oldest first."""
    rows = session.scalars(
        select(ApprovalRow.approval)
        .where(ApprovalRow.model == model, ApprovalRow.version == version)
        .order_by(ApprovalRow.id)
    )
    return tuple(Approval.model_validate_json(text) for text in rows)


@dataclass(frozen=True)
class Numbered:
    """An act with its number on record."""

    id: int
    said: Approval


def last(session: Session, model: str, version: int, verb: Vote) -> Numbered | None:
    """The newest act of one kind on a version."""
    rows = session.execute(
        select(ApprovalRow.id, ApprovalRow.approval)
        .where(ApprovalRow.model == model, ApprovalRow.version == version)
        .order_by(ApprovalRow.id.desc())
    )
    found = (Numbered(number, Approval.model_validate_json(text)) for number, text in rows)
    return next((one for one in found if one.said.vote is verb), None)


def said_since(session: Session, model: str | None, since: datetime) -> set[tuple[str, int]]:
    """The versions, of one model or of all, that somebody has spoken of since then."""
    query = select(ApprovalRow.model, ApprovalRow.version).where(ApprovalRow.at >= since).distinct()
    rows = session.execute(query if model is None else query.where(ApprovalRow.model == model))
    return {(name, version) for name, version in rows}
