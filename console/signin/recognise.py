"""From a request to a Person: by the cookie of a session; else a visitor."""

from flask import current_app, request

from console.roles import Role
from console.settings import ConsoleSettings
from console.signin.cookie import digest_of
from console.signin.groups import Reviewers
from console.signin.person import STRANGER, VISITOR, Person, Route
from ledger import sessions
from ledger.engine import reading
from ledger.sessions import SignedIn


def recognise() -> Person:
    """Who is behind this request. Raises LedgerUnavailable."""
    settings: ConsoleSettings = current_app.config["SETTINGS"]
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


def _session(digest: str | None) -> SignedIn | None:
    if digest is None:
        return None
    with reading(current_app.config["LEDGER"]) as session:
        return sessions.find(session, digest, current_app.config["CLOCK"]())
