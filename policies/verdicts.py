"""Verdict, Evaluation, Decision: what a policy says of evidence, from one gate up to the whole.

"No" and "could not tell" are different answers at every level.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from policies.evidence.digest import digest_of
from policies.moment import Moment
from registry.words import Stage, Value


class Outcome(StrEnum):
    """What one gate says."""

    PASS = "pass"  # noqa: S105 a verdict, not a password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    """The data cannot say."""
    ERROR = "error"
    """It could not be judged: missing evidence, NaN, a crash of ours."""
    SKIP = "skip"
    """The policy itself says that it does not apply, such as no champion yet."""


class Severity(StrEnum):
    """Whether a gate's failure stops a promotion or is only reported."""

    BLOCK = "block"
    WARN = "warn"


OnInconclusive = Literal["ask", "reject", "hold"]
"""What follows where the data cannot say: people are asked, it is a no, or more data is waited for."""


class Verdict(Value):
    """One gate's answer, with the figures behind it and one sentence a reviewer can act on."""

    gate: str
    outcome: Outcome
    sentence: str
    value: float | None = None
    bound: float | None = None
    rows: int | None = None
    severity: Severity = Severity.BLOCK
    on_inconclusive: OnInconclusive | None = None
    """None: as the rule says."""
    interval: tuple[float, float] | None = None
    """Where the value may lie, as sure as the gate asks on each side; an end may be infinite."""
    margin: float | None = None
    """How far from the other's value the bound stands, as a fraction of it."""


class Transition(Value):
    """From which stage to which."""

    from_stage: Stage
    to_stage: Stage

    def __str__(self) -> str:
        return f"{self.from_stage} -> {self.to_stage}"


class Evaluation(Value):
    """One verdict per gate, tied by digest to exactly the policy and the evidence they came from."""

    policy: str
    policy_digest: str
    evidence_digest: str
    transition: Transition
    verdicts: tuple[Verdict, ...]
    rubber_stamp: bool = False
    """A first version: gates that compare with a champion had nothing to compare with."""

    def digest(self) -> str:
        """SHA-256 over the canonical JSON."""
        return digest_of(self)


class Vote(StrEnum):
    """What a person says of a version."""

    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    """Take back what they said before."""
    COMMENT = "comment"
    """Said beside the decision; it changes nothing."""
    REQUEST = "request"
    """Ask again about a version that was rejected: what was said of it before counts no more."""
    PROMOTE = "promote"
    """Break the glass: promote it whatever gates and reviewers say."""


class Approval(Value):
    """What a person said, valid for exactly the evidence and policy text it was said of."""

    reviewer: str
    vote: Vote
    comment: str = ""
    evidence_digest: str
    policy_digest: str
    at: datetime
    decision: int | None = None
    """The number of the decision that was in force when it was said."""
    route: str = ""
    """By which way it came: terminal, console, slack, api; empty where an earlier release took it."""
    account: str = ""
    """Whom that way knew them as: an operating system's user, a subject of a sign-in, a Slack user."""
    groups: tuple[str, ...] = ()
    """Groups that their sign-in said they belong to, of those that were asked."""


class Answer(StrEnum):
    """What a policy says of a candidate."""

    PROMOTE = "promote"
    REJECT = "reject"
    HOLD = "hold"
    """Retry or wait: something could not be told."""
    ASK = "ask"
    """People are to say."""


class Step(Value):
    """One thing to be done after a decision, as the policy names it."""

    kind: Literal["transition", "alias", "notify"]
    target: str
    """Stage, alias, or channel."""
    archive_existing: bool = False


class Decision(Value):
    """The answer, why, and what is to follow. `steps` is empty where nothing is to be moved."""

    answer: Answer
    reasons: tuple[str, ...]
    steps: tuple[Step, ...] = ()
    rubber_stamp: bool = False
    missing_approvals: int = 0
    """How many more eligible approvals would settle an `ask`."""
    asked: tuple[str, ...] = ()
    """Groups still to be asked, in words: "pricing (1)", or "anyone (1)"."""
    model_tags: dict[str, str] | None = None
    """Tags of the registered model, where its policy was chosen by them; None: nobody asked for any."""
    moment: Moment | None = None
    """When it was taken, and since when what it rests on was so."""
    until: datetime | None = None
    """When it may be another by the clock alone; None: never."""
    reminder: datetime | None = None
    """The latest time by then at which those still asked were to be reminded."""
    voters: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Whose votes counted, and in which of the groups asked each was at that moment."""
    late: Literal["", "escalated", "expired"] = ""
    """What waiting for people has brought: others are asked too, or nobody answered in time."""
    act: int | None = None
    """The act of a person that it carries out, by its number on record, whatever the gates say."""

    @property
    def groups(self) -> dict[str, frozenset[str]]:
        """Who was in which group when it was taken, as far as it mattered: to compute it again."""
        named = {group for member_of in self.voters.values() for group in member_of}
        return {
            group: frozenset(name for name, member_of in self.voters.items() if group in member_of)
            for group in named
        }

    def says_the_same(self, other: "Decision") -> bool:
        """Whether two decisions differ at most in when they were taken, and in what comes of that alone."""
        aside: dict[str, Any] = {"moment": None, "until": None, "reminder": None, "model_tags": None}
        aside |= {"voters": {}, "late": ""}
        return self.model_copy(update=aside) == other.model_copy(update=aside)
