"""Caller: who is behind a request, and by which way they came in. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from console.roles import Permission, Role, allowed
from policies.people import Person, Route


class Way(StrEnum):
    """By what somebody showed who they are."""

    LINK = "link"
    OIDC = "oidc"
    TOKEN = "token"  # noqa: S105 a word, no secret
    NONE = "none"


@dataclass(frozen=True)
class Caller:
    """A name that was proved, with roles and groups; a visitor has no name.

    `groups` are those of reviewers that they are in now; `claimed` are all that their provider names.
    `scopes` narrows what a token may do; None: all that the roles may.
    """

    name: str = ""
    way: Way = Way.NONE
    roles: frozenset[Role] = frozenset()
    groups: frozenset[str] = frozenset()
    claimed: frozenset[str] = frozenset()
    scopes: frozenset[Permission] | None = None

    @property
    def signed_in(self) -> bool:
        """Whether we know who this is."""
        return self.way is not Way.NONE

    def may(self, permission: Permission | str) -> bool:
        """Whether some role of theirs allows this, and the token, if it is one, is meant for it."""
        wanted = Permission(permission)
        return wanted in allowed(self.roles) and (self.scopes is None or wanted in self.scopes)

    def as_person(self) -> Person:
        """As whoever acts on versions: groups of the reviewers' file are looked up anew at the act."""
        route = Route.API if self.way is Way.TOKEN else Route.CONSOLE
        return Person(name=self.name, route=route, account=f"{self.way}:{self.name}", groups=self.claimed)


VISITOR = Caller(roles=frozenset({Role.VIEWER}))
"""Whoever comes without signing in, where the console is open to read."""
STRANGER = Caller()
"""The same where it is not."""
