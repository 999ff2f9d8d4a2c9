"""API tokens: `gatehouse_NUMBER_SECRET`, shown once. The first word is for scanners of leaked secrets."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from secrets import token_hex, token_urlsafe

from sqlalchemy import Engine

from console.roles import Permission
from console.signin.caller import Way
from console.signin.errors import TokenRefused
from console.signin.secret import BYTES, digest
from ledger import signins, tokens
from ledger.engine import reading, writing
from ledger.signins import Entry
from ledger.tokens import Token

PREFIX = "gatehouse"


@dataclass(frozen=True)
class Wanted:
    """A token to be made: in whose name it acts, what for, how long, by whose hand."""

    name: str
    scopes: frozenset[Permission]
    lasts: timedelta
    made_by: str
    note: str = ""


def make_token(ledger: Engine, wanted: Wanted, now: datetime) -> tuple[Token, str]:
    """A new token, and the text that proves it, which is kept nowhere."""
    number, secret = token_hex(4), token_urlsafe(BYTES)
    token = Token(
        id=number,
        digest=digest(secret),
        name=wanted.name,
        note=wanted.note,
        scopes=frozenset(wanted.scopes),
        made=now,
        made_by=wanted.made_by,
        until=now + wanted.lasts,
    )
    with writing(ledger) as session:
        tokens.add(session, token)
        said = f"{number} for {' '.join(sorted(token.scopes))}, by {wanted.made_by}"
        signins.note(session, Entry(now, token.name, Way.TOKEN, "token made", said))
    return token, f"{PREFIX}_{number}_{secret}"


def revoke_token(ledger: Engine, number: str, *, by: str, now: datetime) -> bool:
    """Whether there was one to revoke."""
    with writing(ledger) as session:
        known = tokens.find(session, number)
        if known is None or not tokens.revoke(session, number, now):
            return False
        signins.note(session, Entry(now, known.name, Way.TOKEN, "token revoked", f"{number}, by {by}"))
    return True


def token_of(ledger: Engine, text: str, now: datetime) -> Token:
    """The token that this text proves. Raises TokenRefused, LedgerUnavailable."""
    word, _, rest = text.partition("_")
    number, _, secret = rest.partition("_")
    known = None
    if word == PREFIX and number.isascii() and number.isalnum():
        with reading(ledger) as session:
            known = tokens.find(session, number)
    if known is None or not compare_digest(known.digest, digest(secret)):
        raise TokenRefused("This is no API token of ours.")
    if not known.good(now):
        raise TokenRefused(
            "This API token has run out." if known.revoked is None else "This API token was revoked."
        )
    return known
