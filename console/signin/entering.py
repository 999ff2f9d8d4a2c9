"""Signing in and out: what is written down, and which cookie the browser is given."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from console.roles import Role
from console.signin.caller import Caller, Way
from console.signin.claims import Claimed
from console.signin.errors import SigninRefused
from console.signin.seal import seal
from console.signin.secret import BYTES, digest
from ledger import sessions, signin_links, signins
from ledger.engine import writing
from ledger.sessions import SignedIn
from ledger.signin_links import Link
from ledger.signins import Entry

LASTS = timedelta(hours=12)
"""A session; then one signs in again."""
LINK_LASTS = timedelta(minutes=15)


@dataclass(frozen=True)
class Entered:
    """A new session: the cookie's secret, which is kept nowhere else, and who it is."""

    secret: str
    name: str


def make_link(ledger: Engine, link: Link, *, console_url: str, now: datetime) -> str:
    """An address that signs a person in once. Its secret is the fragment, which browsers tell no server."""
    secret = token_urlsafe(BYTES)
    with writing(ledger) as session:
        signin_links.make(session, digest(secret), link, until=now + LINK_LASTS)
        signins.note(session, Entry(now, link.name, Way.LINK, "link made", link.role))
    return f"{console_url}/signin#{secret}"


def enter_by_link(ledger: Engine, secret: str, now: datetime) -> Entered:
    """Use a link up and start a session. Raises SigninRefused."""
    with writing(ledger) as session:
        link = signin_links.use(session, digest(secret.strip()), now)
        if link is not None:
            roles = frozenset({Role.VIEWER.value, link.role})
            signed_in = SignedIn(link.name, Way.LINK, roles, frozenset(), now, now + LASTS, now, now)
            return _start(session, signed_in, token_urlsafe(BYTES))
        signins.note(session, Entry(now, "", Way.LINK, "refused", "no such link"))
    raise SigninRefused("This link was used already, is older than a quarter of an hour, or is not whole.")


def enter_vouched(ledger: Engine, claimed: Claimed, asked_with: dict[str, Any], now: datetime) -> Entered:
    """Start a session of somebody whom the OpenID provider vouches for."""
    secret = token_urlsafe(BYTES)
    signed_in = SignedIn(
        claimed.name,
        Way.OIDC,
        claimed.roles,
        claimed.groups,
        now,
        now + LASTS,
        now,
        now,
        seal(secret, asked_with),
    )
    with writing(ledger) as session:
        return _start(session, signed_in, secret)


def refused(ledger: Engine, way: Way, why: str, now: datetime) -> None:
    """Write down that somebody was not let in."""
    with writing(ledger) as session:
        signins.note(session, Entry(now, "", way, "refused", why))


def leave(ledger: Engine, digest_of_cookie: str, caller: Caller, now: datetime) -> None:
    """End one session."""
    with writing(ledger) as session:
        sessions.end(session, digest_of_cookie)
        signins.note(session, Entry(now, caller.name, caller.way, "signed out"))


def leave_everywhere(ledger: Engine, name: str, now: datetime, *, by: str) -> int:
    """End every session of a person, and void their links; how many sessions there were."""
    with writing(ledger) as session:
        count = sessions.end_all(session, name)
        signin_links.forget(session, name)
        signins.note(session, Entry(now, name, Way.NONE, "signed out everywhere", f"by {by}"))
    return count


def _start(session: Session, signed_in: SignedIn, secret: str) -> Entered:
    sessions.start(session, digest(secret), signed_in)
    signins.note(session, Entry(signed_in.started, signed_in.name, signed_in.way, "signed in"))
    return Entered(secret, signed_in.name)
