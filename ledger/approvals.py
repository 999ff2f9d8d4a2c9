"""Votes of reviewers, appended; which of them count is the policy's to say."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.tables import ApprovalRow
from policies.verdicts import Approval


def add(session: Session, model: str, version: int, approval: Approval) -> None:
    """Append one vote."""
    session.add(
        ApprovalRow(model=model, version=version, approval=approval.model_dump_json(), at=approval.at)
    )


def of_version(session: Session, model: str, version: int) -> tuple[Approval, ...]:
    """All votes on a version, oldest first."""
    rows = session.scalars(
        select(ApprovalRow.approval)
        .where(ApprovalRow.model == model, ApprovalRow.version == version)
        .order_by(ApprovalRow.id)
    )
    return tuple(Approval.model_validate_json(text) for text in rows)
