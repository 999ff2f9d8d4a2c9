"""A decision, in short: what lists and pages say of it without its evidence."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased

from ledger.tables import DecisionRow, SightingRow
from policies.verdicts import Answer, Decision, Transition
from registry.words import Value

OPEN = (Answer.ASK, Answer.HOLD)


class Decided(Value):
    """One decision on record; `since` is when people were first asked, or else when it was taken."""

    id: int
    version: int
    answer: Answer
    transition: Transition
    reasons: tuple[str, ...]
    asked: tuple[str, ...]
    """Groups still to be asked, in words: "pricing (1)"."""
    passed: int
    judged: int
    """Gates that passed, of those that had anything to judge."""
    at: datetime
    since: datetime
    until: datetime | None
    """When it may be another by the clock alone."""

    @property
    def why(self) -> str:
        """The first reason: the worst."""
        return self.reasons[0] if self.reasons else ""


def short(row: DecisionRow) -> Decided:
    """A row in short; its verdicts are counted, not read."""
    decision = Decision.model_validate_json(row.decision)
    evaluation: dict[str, Any] = json.loads(row.evaluation)
    outcomes = [verdict["outcome"] for verdict in evaluation["verdicts"]]
    asked = decision.moment.asked if decision.moment else None
    return Decided(
        id=row.id,
        version=row.version,
        answer=decision.answer,
        transition=Transition.model_validate(evaluation["transition"]),
        reasons=decision.reasons,
        asked=decision.asked,
        passed=outcomes.count("pass"),
        judged=len(outcomes) - outcomes.count("skip"),
        at=row.at,
        since=(asked if decision.answer is Answer.ASK else None) or row.at,
        until=decision.until,
    )


def newest(*chosen: ColumnElement[bool]) -> ColumnElement[bool]:
    """That a decision is the last one on its version, of the chosen ones."""
    ids = select(func.max(DecisionRow.id)).where(*chosen).group_by(DecisionRow.model, DecisionRow.version)
    return DecisionRow.id.in_(ids)


def waiting(session: Session) -> dict[str, list[Decided]]:
    """By model, the decisions that keep a version where it stands: people are asked, or it is held."""
    later = aliased(DecisionRow)
    overtaken = exists().where(
        later.model == DecisionRow.model, later.version == DecisionRow.version, later.id > DecisionRow.id
    )
    rows = session.execute(
        select(DecisionRow, SightingRow.stage)
        .join(
            SightingRow,
            (SightingRow.model == DecisionRow.model) & (SightingRow.version == DecisionRow.version),
        )
        .where(DecisionRow.answer.in_([answer.value for answer in OPEN]), ~overtaken)
        .order_by(DecisionRow.id)
    )
    found: dict[str, list[Decided]] = {}
    for row, stage in rows:
        decided = short(row)
        if decided.transition.from_stage == stage:
            found.setdefault(row.model, []).append(decided)
    return found
