"""What waits for people: every version that they are asked about, and what each may do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ledger import judgements
from ledger.judgements import Judgement
from policies.acts import refusals
from policies.book import PolicyBook
from policies.people import Person, Shown
from policies.verdicts import Answer, Vote
from workers.review import standing_of


@dataclass(frozen=True)
class Request:
    """A version that waits for people; `refused` tells for each act why somebody may not, or None."""

    judgement: Judgement
    refused: Mapping[Vote, str | None] | None = None

    @property
    def asked_since(self) -> datetime:
        """Since when people are asked about exactly this."""
        moment = self.judgement.decision.moment
        return moment.begun if moment else self.judgement.at

    @property
    def seen(self) -> str:
        """What stands for all that is shown of it: it is another when anything of that is another."""
        return Shown.of(self.judgement.evaluation).mark

    @property
    def for_them(self) -> bool:
        """Whether the person may still approve it."""
        return self.refused is not None and self.refused[Vote.APPROVE] is None


def open_requests(
    session: Session,
    book: PolicyBook,
    now: datetime,
    *,
    model: str | None = None,
    person: Person | None = None,
) -> list[Request]:
    """All that waits, of one model or of all, longest first; for a person what that person may do."""
    found = []
    for judged in judgements.in_force(session, model).values():
        if judged.decision.answer is Answer.ASK:
            refused = refusals(book, person, standing_of(session, judged), now) if person else None
            found.append(Request(judged, refused))
    return sorted(found, key=lambda request: request.asked_since)
