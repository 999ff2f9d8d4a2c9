"""Which votes count, and how many more are wanted. Pure; who belongs to which group comes in.

A vote counts for exactly the evidence and the policy text it was given for. Nobody votes on their own
version. A reviewer's latest vote stands. Each entry of a rule wants its own people: one reviewer fills one
place, and places are filled so that as many as possible are.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from policies.terms import ApprovalRule
from policies.verdicts import Approval, Evaluation, Vote

Groups = Mapping[str, frozenset[str]]


def same_person(name: str) -> str:
    """A name as it is compared: case and blanks around it make no other person."""
    return name.strip().casefold()


def valid_votes(
    approvals: Iterable[Approval], evaluation: Evaluation, authors: frozenset[str]
) -> dict[str, Approval]:
    """The latest vote of each reviewer on exactly this evaluation, by name as compared; authors have none."""
    excluded = {same_person(author) for author in authors}
    wanted = (evaluation.evidence_digest, evaluation.policy_digest)
    votes: dict[str, Approval] = {}
    for vote in sorted(approvals, key=_when):
        name = same_person(vote.reviewer)
        if (vote.evidence_digest, vote.policy_digest) == wanted and name and name not in excluded:
            votes[name] = vote
    return votes


def may_vote(name: str, entries: Sequence[ApprovalRule], groups: Groups) -> bool:
    """Whether some entry asks this person; where no entry stands, anyone may say no."""
    return not entries or any(_eligible(name, entry, groups) for entry in entries)


def unfilled(names: Iterable[str], entries: Sequence[ApprovalRule], groups: Groups) -> list[ApprovalRule]:
    """The entries that still want people, each with the count still wanted.

    A maximum matching by augmenting paths: whoever is seated moves over if that lets one more sit.
    """
    places = [number for number, entry in enumerate(entries) for _ in range(entry.count)]
    holder: dict[int, str] = {}

    def seat(name: str, tried: set[int]) -> bool:
        for place, number in enumerate(places):
            if place in tried or not _eligible(name, entries[number], groups):
                continue
            tried.add(place)
            if place not in holder or seat(holder[place], tried):
                holder[place] = name
                return True
        return False

    for name in sorted(set(names)):
        seat(name, set())
    empty = [number for place, number in enumerate(places) if place not in holder]
    return [
        entries[number].model_copy(update={"count": empty.count(number)}) for number in sorted(set(empty))
    ]


def _eligible(name: str, entry: ApprovalRule, groups: Groups) -> bool:
    if not entry.groups:
        return True
    return any(name == same_person(member) for group in entry.groups for member in groups.get(group, ()))


def _when(vote: Approval) -> tuple[datetime, bool]:
    """Order of votes: by time, UTC where it names no zone; of two at once the rejection stands."""
    at = vote.at if vote.at.tzinfo else vote.at.replace(tzinfo=UTC)
    return at, vote.vote is Vote.REJECT
