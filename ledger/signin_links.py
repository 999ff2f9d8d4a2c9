"""One-time links to sign in by: kept as digests, each good once and for a short time."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from ledger.signin_tables import SigninLinkRow
from policies.names import same_person


@dataclass(frozen=True)
class Link:
    """Whom a link signs in, and as what."""

    name: str
    role: str


def make(session: Session, digest: str, link: Link, *, until: datetime) -> None:
    """Keep a new link by the digest of its secret."""
    session.add(
        SigninLinkRow(
            digest=digest, person=same_person(link.name), name=link.name, role=link.role, until=until
        )
    )


def use(session: Session, digest: str, now: datetime) -> Link | None:
    """Take a link away and tell whom it was for; of two at the same moment one gets it. None: no such link.

    Links that ran out go with it.
    """
    found = delete(SigninLinkRow).where(SigninLinkRow.digest == digest, SigninLinkRow.until > now)
    row = session.execute(found.returning(SigninLinkRow.name, SigninLinkRow.role)).one_or_none()
    session.execute(delete(SigninLinkRow).where(SigninLinkRow.until <= now))
    return None if row is None else Link(*row)


def forget(session: Session, name: str) -> None:
    """Take away every link of a person."""
    session.execute(delete(SigninLinkRow).where(SigninLinkRow.person == same_person(name)))
