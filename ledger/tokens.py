"""API tokens, by their public numbers. One that was revoked or ran out stays on record."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ledger.signin_tables import TokenRow
from policies.names import same_person


@dataclass(frozen=True)
class Token:
    """In whose name it acts, what it is for, and how long; `digest` is that of its secret."""

    id: str
    digest: str
    name: str
    note: str
    scopes: frozenset[str]
    made: datetime
    made_by: str
    until: datetime
    revoked: datetime | None = None

    def good(self, now: datetime) -> bool:
        """Whether it still opens anything."""
        return self.revoked is None and now < self.until


def add(session: Session, token: Token) -> None:
    """Keep a new one."""
    row = vars(token) | {"scopes": json.dumps(sorted(token.scopes)), "person": same_person(token.name)}
    session.add(TokenRow(**row))


def find(session: Session, number: str) -> Token | None:
    """The token of this number, whether it is still good or not."""
    row = session.get(TokenRow, number)
    return None if row is None else _token(row)


def all_made(session: Session) -> Sequence[Token]:
    """Every token ever made, newest first."""
    return [
        _token(row) for row in session.scalars(select(TokenRow).order_by(TokenRow.made.desc(), TokenRow.id))
    ]


def revoke(session: Session, number: str, now: datetime) -> bool:
    """Whether there was a token of this number that was not revoked before."""
    found = update(TokenRow).where(TokenRow.id == number, TokenRow.revoked.is_(None)).values(revoked=now)
    return session.scalar(found.returning(TokenRow.id)) is not None


def _token(row: TokenRow) -> Token:
    return Token(
        id=row.id,
        digest=row.digest,
        name=row.name,
        note=row.note,
        scopes=frozenset(json.loads(row.scopes)),
        made=row.made,
        made_by=row.made_by,
        until=row.until,
        revoked=row.revoked,
    )
