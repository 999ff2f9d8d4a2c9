"""From a request to a Person: by its API token, or by the cookie of a session; else a visitor."""

from flask import abort, current_app, request

from console.roles import Permission, Role
from console.settings import ConsoleSettings
from console.signin.cookie import digest_of
from console.signin.groups import Reviewers
from console.signin.person import STRANGER, VISITOR, Person, Route
from console.signin.tokens import TokenRefused, token_of
from ledger import sessions
from ledger.engine import reading
from ledger.sessions import SignedIn
from ledger.tokens import Token


def recognise() -> Person:
    """Who is behind this request. Raises LedgerUnavailable."""
    settings: ConsoleSettings = current_app.config["SETTINGS"]
    if (shown := request.headers.get("Authorization")) is not None:
        return _by_token(shown)
    found = _session(digest_of(request, https=settings.https))
    if found is None:
        return STRANGER if settings.closed else VISITOR
    return person_of(found, current_app.config["REVIEWERS"]())


def person_of(signed_in: SignedIn, reviewers: Reviewers) -> Person:
    """A session as a person, in the groups that they are in now."""
    groups = reviewers.groups_of(signed_in.name, signed_in.groups)
    roles = {Role.VIEWER, *map(Role, signed_in.roles)}
    if reviewers.is_reviewer(groups):
        roles.add(Role.REVIEWER)
    return Person(signed_in.name, Route(signed_in.route), frozenset(roles), groups)


def _by_token(shown: str) -> Person:
    """Whose token it is; a call that shows a bad one is refused, for it would be somebody else's without."""
    scheme, _, text = shown.partition(" ")
    now = current_app.config["CLOCK"]()
    if scheme.casefold() != "bearer":
        abort(401, "Show an API token: Authorization: Bearer gatehouse_...")
    try:
        known = token_of(current_app.config["LEDGER"], text.strip(), now)
    except TokenRefused as refused:
        abort(401, str(refused))
    return bearer(known, current_app.config["REVIEWERS"]())


def bearer(token: Token, reviewers: Reviewers) -> Person:
    """A token as a person: its scopes bound it, and who reviews is a matter of groups even so."""
    groups = reviewers.groups_of(token.name, frozenset())
    roles = frozenset(Role) if reviewers.is_reviewer(groups) else frozenset(Role) - {Role.REVIEWER}
    return Person(token.name, Route.TOKEN, roles, groups, frozenset(map(Permission, token.scopes)))


def _session(digest: str | None) -> SignedIn | None:
    if digest is None:
        return None
    with reading(current_app.config["LEDGER"]) as session:
        return sessions.find(session, digest, current_app.config["CLOCK"]())
