"""An OpenID provider is asked again about who is signed in: whoever was removed there is out here.

For a page it is asked every few minutes, for an act at once. While the provider is away, who was vouched for
within the hour stays in.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from console.signin.claims import read_claims
from console.signin.errors import ProviderUnavailable, SigninRefused
from console.signin.oidc_settings import OidcSettings
from console.signin.provider import Claims, Provider, Token
from console.signin.seal import seal, unseal
from console.signin.secret import digest
from ledger import sessions, signins
from ledger.engine import writing
from ledger.sessions import SignedIn
from ledger.signins import Entry

PAGES = timedelta(minutes=5)
ACTS = timedelta(seconds=5)
"""How old the provider's word may be."""
AWAY = timedelta(hours=1)
"""The same, while it cannot be asked."""


@dataclass(frozen=True)
class Renewal:
    """What is needed to ask again; no provider: there is none any more."""

    ledger: Engine
    provider: Provider | None
    settings: OidcSettings


def asked_with(claims: Claims, token: Token, settings: OidcSettings) -> dict[str, Any]:
    """What is kept, sealed, to ask again with: the token, and those claims that make up who it is."""
    names = ("sub", "email_verified", settings.oidc_name_claim, settings.oidc_groups_claim)
    return {"token": token, "claims": {name: claims[name] for name in names if name in claims}}


def still_vouched(
    by: Renewal, found: SignedIn, secret: str, *, now: datetime, acting: bool
) -> SignedIn | None:
    """The session with what is claimed now; None if it is over. Raises ProviderUnavailable."""
    if now - found.asked < (ACTS if acting else PAGES):
        return _while_away(found, now)
    with writing(by.ledger, lasting=False) as session:
        ours = sessions.ask(session, digest(secret), found, now)
    if not ours:
        return _while_away(found, now)
    try:
        return _renew(by, found, secret, now)
    except SigninRefused as refused:
        with writing(by.ledger) as session:
            sessions.end(session, digest(secret))
            signins.note(session, Entry(now, found.name, found.way, "ended", str(refused)))
        return None
    except ProviderUnavailable:
        return _while_away(found, now)


def _renew(by: Renewal, found: SignedIn, secret: str, now: datetime) -> SignedIn:
    if by.provider is None or found.vouched is None:
        raise SigninRefused("No OpenID provider is set up here any more.")
    known = unseal(secret, found.vouched)
    claims, token = by.provider.again(known["claims"]["sub"], known["token"])
    claims = known["claims"] | dict(claims)
    claimed = read_claims(claims, by.settings)
    if claimed.name != found.name:
        raise SigninRefused(f"The sign-in service calls {found.name} {claimed.name} now.")
    kept = seal(secret, asked_with(claims, token, by.settings))
    renewed = replace(found, roles=claimed.roles, groups=claimed.groups, asked=now, checked=now, vouched=kept)
    with writing(by.ledger) as session:
        sessions.vouch(session, digest(secret), renewed)
    return renewed


def _while_away(found: SignedIn, now: datetime) -> SignedIn:
    if now - found.checked >= AWAY:
        raise ProviderUnavailable(f"nobody has vouched for {found.name} since {found.checked:%H:%M} UTC")
    return found
