"""What the person at the console may do to a candidate, and why the rest is not open to them."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from console.drawn import book, now
from console.roles import Permission
from console.signin.guard import caller
from ledger.judgements import latest
from policies.acts import refusals
from policies.verdicts import Vote
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
