"""The last good text of every policy file: what stays in force while a change to the file is broken."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ledger.judgements import keep_policy
from ledger.tables import PolicyFileRow, PolicyRow
from ledger.upsert import insert


@dataclass(frozen=True)
class Good:
    """A policy text that could be read, and its digest."""

    digest: str
    name: str
    text: str


def in_force(session: Session) -> dict[str, Good]:
    """By file, as a path below the folder of policies."""
    query = select(PolicyFileRow.file, PolicyRow).join(PolicyRow, PolicyFileRow.digest == PolicyRow.digest)
    return {file: Good(row.digest, row.name, row.text) for file, row in session.execute(query)}


def put_in_force(session: Session, file: str, good: Good, *, now: datetime) -> None:
    """From now on this text is the file's last good one."""
    keep_policy(session, digest=good.digest, name=good.name, text=good.text)
    row = {"file": file, "digest": good.digest, "since": now}
    statement = insert(session, PolicyFileRow).values(row)
    session.execute(statement.on_conflict_do_update(index_elements=["file"], set_=row))


def forget(session: Session, files: Collection[str]) -> None:
    """These files were taken away: nothing of them is in force."""
    session.execute(delete(PolicyFileRow).where(PolicyFileRow.file.in_(files)))
