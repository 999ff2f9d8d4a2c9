"""What waits for people: every version that they are asked about, and what each may do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ledger import judgements, sightings
from ledger.judgements import Judgement
from policies.acts import refusals
from policies.book import PolicyBook
from policies.people import Person, Shown
from policies.verdicts import Answer, Vote
from registry.aliased import ALIASES
from workers.review import is_gone, standing_of


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
        if judged.decision.answer is Answer.ASK and not _moved_away(session, book, judged):
            refused = refusals(book, person, standing_of(session, judged), now) if person else None
            found.append(Request(judged, refused))
    return sorted(found, key=lambda request: request.asked_since)


def _moved_away(session: Session, book: PolicyBook, judged: Judgement) -> bool:
    """Whether it was deleted, or last seen elsewhere than where people are asked about it."""
    seen = sightings.of_version(session, judged.model, judged.version)
    if seen is None:
        return is_gone(session, judged.model, judged.version)
    policy, stage = book.by_digest(judged.evaluation.policy_digest), judged.evaluation.transition.from_stage
    if policy is None or policy.lifecycle == "stages":
        return seen.stage is not stage
    alias = ALIASES.get(stage)
    return alias is not None and seen.aliases is not None and alias not in seen.aliases
