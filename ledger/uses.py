"""How many candidates each hold-out has judged: the more, the likelier that the best of them was lucky."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.tables import HoldoutUseRow
from ledger.upsert import insert
from policies.evidence.evidence import Evidence
from policies.wear import Use


def note_uses(session: Session, evidence: Evidence, now: datetime) -> None:
    """The candidate was judged on these data sets; the same one again is no other."""
    of = evidence.candidate
    for dataset, digest in sorted(evidence.datasets.items()):
        row = {"digest": digest, "model": of.name, "version": of.version, "dataset": dataset, "first": now}
        session.execute(insert(session, HoldoutUseRow).values(row).on_conflict_do_nothing())


def uses(session: Session, model: str | None = None) -> dict[tuple[str, int], tuple[Use, ...]]:
    """The data sets that each version was last judged on, and which candidate it was on each."""
    row = HoldoutUseRow
    order = func.row_number().over(partition_by=(row.digest, row.model), order_by=(row.first, row.version))
    query = select(row.model, row.version, row.dataset, row.digest, order).order_by(row.first)
    if model is not None:
        query = query.where(row.model == model)
    last: dict[tuple[str, int], dict[str, Use]] = {}
    for name, version, dataset, digest, number in session.execute(query):
        use = Use(dataset=dataset, digest=digest, candidates=number)
        last.setdefault((name, version), {})[dataset] = use
    return {of: tuple(found.values()) for of, found in last.items()}
