"""What the person at the console may do to a candidate, and why the rest is not open to them."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from console.drawn import book, now
from console.readings.model import last_policy
from console.roles import Permission
from console.signin.guard import caller
from ledger.judgements import latest
from policies.acts import refusals
from policies.book import Tags
from policies.people import Act
from policies.problems import PolicyInvalid
from policies.verdicts import Vote
from workers.glass import why_not
from workers.review import standing_of

LABELS = {
    Vote.APPROVE: "Approve",
    Vote.REJECT: "Reject",
    Vote.WITHDRAW: "Withdraw what I said",
    Vote.REQUEST: "Ask again",
    Vote.COMMENT: "Comment",
}


@dataclass(frozen=True)
class Verb:
    """One button, or why there is none."""

    verb: Vote
    label: str
    why: str | None

    @property
    def open(self) -> bool:
        """Whether this person may."""
        return self.why is None


def verbs(session: Session, name: str, number: int) -> list[Verb]:
    """What the person at the console may do to a candidate; nothing for those who only read."""
    judgement = latest(session, name, number)
    if judgement is None or not caller().signed_in or not caller().may(Permission.REVIEW):
        return []
    why = refusals(book(), caller().as_person(), standing_of(session, judgement), now())
    return [Verb(verb, label, why[verb]) for verb, label in LABELS.items()]


def may_promote(session: Session, name: str, number: int) -> bool:
    """Whether the person at the console may put this version into Production over the gate's head now."""
    if number < 1 or not caller().may(Permission.PROMOTE):
        return False
    policies, act = book(), Act(model=name, version=number, verb=Vote.PROMOTE)
    try:
        policy = policies.for_model(name, known_tags(session, name))
    except PolicyInvalid:
        return False
    return why_not(session, policy, policies, caller().as_person(), act) is None


def known_tags(session: Session, name: str) -> Tags | None:
    """The model's tags, as they were when a policy was last chosen by them; None: nobody has asked for any.

    The console asks no registry: whoever carries an act out reads them anew, and looks again whose act it is.
    """
    _, tags = last_policy(session, name)
    return None if tags is None else lambda: tags
