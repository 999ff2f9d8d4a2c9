"""What the API is asked and answers, beside the readings that pages are drawn from, too."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from console.drawn import LARGEST
from console.readings.overview import Show
from console.roles import Permission, Role
from console.signin.caller import Way
from ledger.history import Kind
from policies.people import COMMENT_MAX
from policies.verdicts import Vote
from registry.words import Value

DIGEST = "^[0-9a-f]{64}$"
Day = Annotated[date, BeforeValidator(date.fromisoformat)]
NAME_MAX = 1000
"""Characters of a model's name, a policy's, or a token's note."""
ROW = Field(default=None, ge=0, le=LARGEST)


class Asked(BaseModel):
    """What a caller sends: a word that is misspelt is refused, not passed over."""

    model_config = ConfigDict(extra="forbid")


class Refusal(Value):
    """Why there is no other answer; as RFC 9457 has it."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


class ModelPath(Asked):
    """A registered model, by its name, percent-encoded twice where it has more than letters and figures."""

    name: str = Field(min_length=1, max_length=NAME_MAX)


class VersionPath(ModelPath):
    """One version of it."""

    number: int = Field(ge=0, le=LARGEST)


class PolicyPath(Asked):
    """A policy in force, by its name; encoded like a model's."""

    name: str = Field(min_length=1, max_length=NAME_MAX)


class DeliveryBody(Asked):
    """Which delivery, by the id that its sender gave it."""

    id: str = Field(min_length=1, max_length=NAME_MAX)


class OverviewQuery(Asked):
    """Which models."""

    show: Show = Show.ALL
    q: str = Field(default="", max_length=200)
    page: int = Field(default=1, ge=1, le=LARGEST)


class PageQuery(Asked):
    """Which page of versions, from 1."""

    page: int = Field(default=1, ge=1, le=LARGEST)


class BeforeQuery(Asked):
    """What comes before the last one already shown, as `older` told; of one model."""

    model: str | None = Field(default=None, max_length=NAME_MAX)
    before: int | None = ROW


class DeliveriesQuery(BeforeQuery):
    """The same, of one sender."""

    source: str | None = Field(default=None, max_length=NAME_MAX)


class AuditQuery(Asked):
    """Which entries; days are whole, in UTC."""

    model: str | None = Field(default=None, max_length=NAME_MAX)
    version: int | None = ROW
    kind: Kind | None = None
    since: Day | None = None
    until: Day | None = None
    before: str = Field(default="", max_length=200)


class ActBody(Asked):
    """An act on a version, bound to the evidence and policy text that it was said of."""

    verb: Literal[Vote.APPROVE, Vote.REJECT, Vote.WITHDRAW, Vote.COMMENT, Vote.REQUEST]
    comment: str = Field(default="", max_length=COMMENT_MAX)
    evidence_digest: str = Field(pattern=DIGEST)
    policy_digest: str = Field(pattern=DIGEST)


class Recorded(Value):
    """The act is on record, of this decision; what follows is decided by the workers in a moment."""

    model: str
    version: int
    verb: Vote
    decision: int


class OpenAct(Value):
    """An act, and why it is not open to the caller; null if it is."""

    verb: Vote
    why_not: str | None


class OpenActs(Value):
    """What the caller may do to a version now; empty for whoever only reads."""

    acts: tuple[OpenAct, ...]


class ReasonBody(Asked):
    """Why; everybody is told."""

    reason: str = Field(min_length=1, max_length=COMMENT_MAX)


class Done(Value):
    """What was done, in a sentence."""

    done: str


class Retried(Value):
    """So much is tried again now."""

    looks: int
    messages: int


class Me(Value):
    """Who the caller is, and what they may do."""

    name: str
    way: Way
    roles: tuple[Role, ...]
    groups: tuple[str, ...]
    may: tuple[Permission, ...]


class TokenBody(Asked):
    """A token in the caller's own name."""

    scopes: frozenset[Permission] = Field(min_length=1)
    days: int = Field(default=90, ge=1, le=366)
    note: str = Field(default="", max_length=NAME_MAX)


class TokenLine(Value):
    """A token, without its secret."""

    number: str
    name: str
    note: str
    scopes: tuple[Permission, ...]
    made: datetime
    made_by: str
    until: datetime
    revoked: datetime | None
    good: bool


class TokenMade(Value):
    """A new token; `token` is shown this once."""

    token: str
    line: TokenLine


class Tokens(Value):
    """Every token that was made, newest first."""

    tokens: tuple[TokenLine, ...]


class TokenPath(Asked):
    """A token's number."""

    number: str = Field(pattern="^[0-9a-f]{8}$")


class PersonPath(Asked):
    """A person's name."""

    name: str = Field(min_length=1, max_length=200)


class SessionLine(Value):
    """Somebody who is signed in."""

    name: str
    way: Way
    roles: tuple[Role, ...]
    started: datetime
    until: datetime


class Sessions(Value):
    """Everybody who is signed in, newest first."""

    sessions: tuple[SessionLine, ...]


class Ended(Value):
    """How many sessions were ended."""

    ended: int


class SigninLine(Value):
    """One line of the record of sign-ins, sign-outs and tokens."""

    at: datetime
    name: str
    way: Way
    what: str
    detail: str


class Signins(Value):
    """The newest lines of that record."""

    signins: tuple[SigninLine, ...]
