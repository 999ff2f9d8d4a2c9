"""Who is signed in: a row per session, known by the digest of its cookie. A session that ended is gone."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from ledger.signin_tables import SessionRow
from policies.names import same_person


@dataclass(frozen=True)
class SignedIn:
    """A session: who, by which way, with what was said of them there, and until when.

    `groups` are those that an OpenID provider claims. `checked` is when it last vouched for this person,
    `asked` when it was last asked, and `vouched` what it is asked with, sealed.
    """

    name: str
    way: str
    roles: frozenset[str]
    groups: frozenset[str]
    started: datetime
    until: datetime
    asked: datetime
    checked: datetime
    vouched: str | None = None


def start(session: Session, digest: str, signed_in: SignedIn) -> None:
    """Keep a new session; those that ran out are forgotten on the way."""
    session.execute(delete(SessionRow).where(SessionRow.until <= signed_in.started))
    session.add(
        SessionRow(
            digest=digest,
            person=same_person(signed_in.name),
            name=signed_in.name,
            way=signed_in.way,
            roles=_listed(signed_in.roles),
            groups=_listed(signed_in.groups),
            started=signed_in.started,
            until=signed_in.until,
            asked=signed_in.asked,
            checked=signed_in.checked,
            vouched=signed_in.vouched,
        )
    )


def find(session: Session, digest: str, now: datetime) -> SignedIn | None:
    """The session of a cookie, unless it ended or ran out."""
    row = session.get(SessionRow, digest)
    return None if row is None or row.until <= now else _signed_in(row)


def all_open(session: Session, now: datetime) -> list[SignedIn]:
    """Every session that has not run out, newest first."""
    rows = session.scalars(
        select(SessionRow).where(SessionRow.until > now).order_by(SessionRow.started.desc())
    )
    return [_signed_in(row) for row in rows]


def ask(session: Session, digest: str, seen: SignedIn, now: datetime) -> bool:
    """Whether it is for this call to ask the provider again: of several at once it is for one."""
    asking = update(SessionRow).where(SessionRow.digest == digest, SessionRow.asked == seen.asked)
    return session.scalar(asking.values(asked=now).returning(SessionRow.digest)) is not None


def vouch(session: Session, digest: str, seen: SignedIn) -> None:
    """Keep what the provider said of this person when it was asked again."""
    session.execute(
        update(SessionRow)
        .where(SessionRow.digest == digest)
        .values(
            roles=_listed(seen.roles),
            groups=_listed(seen.groups),
            checked=seen.checked,
            vouched=seen.vouched,
        )
    )


def end(session: Session, digest: str) -> None:
    """End one session."""
    session.execute(delete(SessionRow).where(SessionRow.digest == digest))


def end_all(session: Session, name: str) -> int:
    """End every session of a person; how many there were."""
    gone = delete(SessionRow).where(SessionRow.person == same_person(name)).returning(SessionRow.digest)
    return len(session.scalars(gone).all())


def _listed(words: Iterable[str]) -> str:
    return json.dumps(sorted(words), ensure_ascii=False)


def _signed_in(row: SessionRow) -> SignedIn:
    return SignedIn(
        name=row.name,
        way=row.way,
        roles=frozenset(json.loads(row.roles)),
        groups=frozenset(json.loads(row.groups)),
        started=row.started,
        until=row.until,
        asked=row.asked,
        checked=row.checked,
        vouched=row.vouched,
    )
