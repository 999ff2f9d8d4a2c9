"""Person: who is behind a request. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from console.roles import Permission, Role, allowed


class Route(StrEnum):
    """The way by which somebody showed who they are."""

    LINK = "link"
    OIDC = "oidc"
    TOKEN = "token"  # noqa: S105 a word, no secret
    NONE = "none"


@dataclass(frozen=True)
class Person:
    """A name that a route vouches for, with roles and groups; a visitor has no name.

    `scopes` narrows what a token may do; None: all that the roles may.
    """

    name: str = ""
    route: Route = Route.NONE
    roles: frozenset[Role] = frozenset()
    groups: frozenset[str] = frozenset()
    scopes: frozenset[Permission] | None = None

    @property
    def signed_in(self) -> bool:
        """Whether we know who this is."""
        return self.route is not Route.NONE

    def may(self, permission: Permission | str) -> bool:
        """Whether some role of theirs allows this, and the token, if it is one, is meant for it."""
        wanted = Permission(permission)
        return wanted in allowed(self.roles) and (self.scopes is None or wanted in self.scopes)


VISITOR = Person(roles=frozenset({Role.VIEWER}))
"""Whoever comes without signing in, where the console is open to read."""
STRANGER = Person()
"""The same where it is not."""
