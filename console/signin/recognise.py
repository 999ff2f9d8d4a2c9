"""From a request to a Caller: by its API token, or by the cookie of a session; else a visitor."""

from flask import current_app, request

from console.roles import NAMED, Permission, Role
from console.settings import ConsoleSettings
from console.signin.caller import STRANGER, VISITOR, Caller, Way
from console.signin.cookie import cookie_name
from console.signin.errors import TokenRefused
from console.signin.groups import Reviewers
from console.signin.guard import SAFE
from console.signin.renewing import Renewal, still_vouched
from console.signin.secret import digest
from console.signin.tokens import token_of
from ledger import sessions
from ledger.engine import reading
from ledger.sessions import SignedIn
from ledger.tokens import Token


def recognise() -> Caller:
    """Who is behind this request. Raises TokenRefused, ProviderUnavailable, LedgerUnavailable."""
    settings: ConsoleSettings = current_app.config["SETTINGS"]
    if (shown := request.headers.get("Authorization")) is not None:
        return _by_token(shown)
    found = _session(request.cookies.get(cookie_name(https=settings.https)))
    if found is None:
        return STRANGER if settings.closed else VISITOR
    return caller_of(found, current_app.config["REVIEWERS"]())


def caller_of(signed_in: SignedIn, reviewers: Reviewers) -> Caller:
    """Whose session it is, in the groups that they are in now."""
    groups = reviewers.groups_of(signed_in.name, signed_in.groups)
    given = {Role.VIEWER, *map(Role, signed_in.roles)}
    roles = given | _named(reviewers, signed_in.name, signed_in.groups)
    return Caller(signed_in.name, Way(signed_in.way), frozenset(roles), groups, signed_in.groups)


def _named(reviewers: Reviewers, name: str, claimed: frozenset[str]) -> set[Role]:
    """The roles that the policies and their groups give somebody."""
    roles = {Role.REVIEWER} if reviewers.is_reviewer(reviewers.groups_of(name, claimed)) else set()
    return roles | ({Role.KEYHOLDER} if reviewers.is_keyholder(name, claimed) else set())


def _by_token(shown: str) -> Caller:
    """Whose token it is; a call that shows a bad one is refused, for it would be somebody else's without."""
    scheme, _, text = shown.partition(" ")
    now = current_app.config["CLOCK"]()
    if scheme.casefold() != "bearer":
        raise TokenRefused("Show an API token: Authorization: Bearer gatehouse_...")
    known = token_of(current_app.config["LEDGER"], text.strip(), now)
    return bearer(known, current_app.config["REVIEWERS"]())


def bearer(token: Token, reviewers: Reviewers) -> Caller:
    """Whose token it is: its scopes bound it, and whom the policies name is a matter of theirs even so."""
    groups = reviewers.groups_of(token.name, frozenset())
    roles = frozenset(Role) - NAMED | _named(reviewers, token.name, frozenset())
    scopes = frozenset(map(Permission, token.scopes))
    return Caller(token.name, Way.TOKEN, roles, groups, scopes=scopes)


def _session(secret: str | None) -> SignedIn | None:
    if not secret:
        return None
    ledger, now = current_app.config["LEDGER"], current_app.config["CLOCK"]()
    with reading(ledger) as session:
        found = sessions.find(session, digest(secret), now)
    if found is None or found.way != Way.OIDC:
        return found
    acting = request.method not in SAFE
    return still_vouched(
        Renewal(ledger, current_app.config["PROVIDER"], current_app.config["SETTINGS"]),
        found,
        secret,
        now=now,
        acting=acting,
    )
