"""Person and Act: who does what to a version, from whatever route. Pure.

Who somebody is comes from a route that has made sure of it, never from a tag or a name in a payload.
"""

import unicodedata
from enum import StrEnum
from typing import Self

from pydantic import Field

from policies.evidence.digest import digest_of
from policies.verdicts import Evaluation, Vote
from registry.words import Value

COMMENT_MAX = 4000
"""Characters of a comment."""
_ALLOWED = {"\n", "\t"}


class Route(StrEnum):
    """A way by which people come, each with its own proof of who they are."""

    TERMINAL = "terminal"
    """Whoever may open the ledger; `account` is the operating system's user, the name is what they say."""
    CONSOLE = "console"
    SLACK = "slack"
    API = "api"


class Person(Value):
    """Somebody a route knows, by the name under which reviewers are listed.

    `account` is whom the route knows them as, for the record; `groups` are those that a sign-in claims,
    beside the reviewers file's.
    """

    name: str
    route: Route
    account: str = ""
    groups: frozenset[str] = frozenset()


class Shown(Value):
    """What a person was shown: the digests of the evidence and of the policy text."""

    evidence_digest: str
    policy_digest: str

    @classmethod
    def of(cls, evaluation: Evaluation) -> Self:
        """What somebody is shown who is shown this."""
        return cls(evidence_digest=evaluation.evidence_digest, policy_digest=evaluation.policy_digest)

    @property
    def mark(self) -> str:
        """What stands for both in a few letters, to be told and asked back."""
        return digest_of(self)[:12]


class Act(Value):
    """One thing that a person does; `shown` is None where the route shows the latest at that moment."""

    model: str
    version: int = Field(ge=1)
    verb: Vote
    comment: str = ""
    shown: Shown | None = None


def tidy_comment(text: str) -> str:
    """A comment as it is kept: plain text, its line breaks as one kind."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def unfit_comment(text: str) -> str | None:
    """Why this cannot be kept as a comment; None if it can."""
    if len(text) > COMMENT_MAX:
        return f"a comment has at most {COMMENT_MAX:,} characters, this one has {len(text):,}"
    if any(unicodedata.category(c) in {"Cc", "Cs"} and c not in _ALLOWED for c in text):
        return "a comment is plain text, without control characters"
    return None
