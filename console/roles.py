"""Who may do what: the one table. Pure.

A role comes with the way in that a person took: a one-time link, the groups that an OpenID provider names, an
API token's scopes; reviewers and keyholders are those whom policies name. Whether a reviewer is asked about
this version, or a keyholder may break this policy's glass, is the policy's matter, decided anew at every act.
"""

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """What a person is to this installation; one person may be several."""

    VIEWER = "viewer"
    REVIEWER = "reviewer"
    KEYHOLDER = "keyholder"
    """Some policy names them under `break_glass`, by name or by group."""
    OPERATOR = "operator"
    ADMIN = "admin"


class Permission(StrEnum):
    """What a page or an address of the API asks of whoever calls it; also the scopes of tokens."""

    SEE = "see"
    REVIEW = "review"
    PROMOTE = "promote"
    REPLAY = "replay"
    RETRY = "retry"
    HOLD = "hold"
    TOKENS = "tokens"
    SESSIONS = "sessions"


MEANING: dict[Permission, str] = {
    Permission.SEE: "read every page, report and record",
    Permission.REVIEW: "approve, reject, withdraw, comment and ask again",
    Permission.PROMOTE: "break the glass: promote a version whatever its gates say",
    Permission.REPLAY: "take stored deliveries once more",
    Permission.RETRY: "have given-up work tried again",
    Permission.HOLD: "hold and resume models",
    Permission.TOKENS: "list, make and revoke API tokens",
    Permission.SESSIONS: "list who signed in, and sign others out",
}
ALLOWED: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: frozenset({Permission.SEE}),
    Role.REVIEWER: frozenset({Permission.SEE, Permission.REVIEW}),
    Role.KEYHOLDER: frozenset({Permission.SEE, Permission.PROMOTE}),
    Role.OPERATOR: frozenset({Permission.SEE, Permission.REPLAY, Permission.RETRY, Permission.HOLD}),
    Role.ADMIN: frozenset(set(Permission) - {Permission.REVIEW, Permission.PROMOTE}),
}
"""Nobody reviews or breaks a glass by rank: an admin who is to do so is named by a policy, too."""
NAMED = frozenset({Role.REVIEWER, Role.KEYHOLDER})
"""Roles that nobody can be given: policies and their groups say who has them."""


def allowed(roles: Iterable[Role]) -> frozenset[Permission]:
    """All that any of these roles may do."""
    return frozenset().union(*(ALLOWED[role] for role in roles))


def holders(permission: Permission) -> list[Role]:
    """The roles that may do this."""
    return [role for role, permissions in ALLOWED.items() if permission in permissions]
