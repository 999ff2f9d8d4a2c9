"""What an OpenID provider claims of somebody -> who they are here. Pure; every claim may be anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from console.roles import Role
from console.signin.errors import SigninRefused
from console.signin.oidc_settings import OidcSettings
from policies.names import tidy, unfit_name

GROUPS_MAX = 1000
"""Of one person; providers send at most some hundred."""


@dataclass(frozen=True)
class Claimed:
    """Who somebody is by their provider: `subject` is what it calls them for good."""

    subject: str
    name: str
    roles: frozenset[Role]
    groups: frozenset[str]


def read_claims(claims: Mapping[str, Any], settings: OidcSettings) -> Claimed:
    """Raises SigninRefused where no name can be taken from them, or their groups may not come in."""
    groups = _groups(claims, settings.oidc_groups_claim)
    if settings.oidc_viewers and not groups & settings.oidc_viewers:
        allowed = ", ".join(sorted(settings.oidc_viewers))
        raise SigninRefused(f"You are in none of the groups that may come in: {allowed}.")
    return Claimed(_subject(claims), _name(claims, settings), _roles(groups, settings), groups)


def _subject(claims: Mapping[str, Any]) -> str:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise SigninRefused("The sign-in service does not say who you are: it sent no 'sub'.")
    return subject


def _name(claims: Mapping[str, Any], settings: OidcSettings) -> str:
    wanted = settings.oidc_name_claim
    name = claims.get(wanted)
    if not isinstance(name, str):
        raise SigninRefused(f"The sign-in service does not say your name: it sent no '{wanted}'.")
    if wanted == "email" and claims.get("email_verified") not in {True, "true"}:
        raise SigninRefused("The sign-in service has not made sure that your e-mail address is yours.")
    if why := unfit_name(name):
        raise SigninRefused(f"The name that the sign-in service sent cannot be used here: {why}.")
    return tidy(name)


def _groups(claims: Mapping[str, Any], claim: str) -> frozenset[str]:
    given = claims.get(claim, [])
    listed = [given] if isinstance(given, str) else given
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise SigninRefused(f"What the sign-in service sent as '{claim}' is no list of groups.")
    if len(listed) > GROUPS_MAX:
        raise SigninRefused(f"The sign-in service sent more than {GROUPS_MAX:,} groups.")
    return frozenset(listed)


def _roles(groups: frozenset[str], settings: OidcSettings) -> frozenset[Role]:
    by_group = {Role.OPERATOR: settings.oidc_operators, Role.ADMIN: settings.oidc_admins}
    return frozenset({Role.VIEWER, *(role for role, named in by_group.items() if groups & named)})
