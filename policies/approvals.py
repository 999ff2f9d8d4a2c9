"""Which votes count, and how many more are wanted. Pure; who belongs to which group comes in.

A vote counts for exactly the evidence and the policy text it was given for. Nobody votes on their own
version. A reviewer's latest word stands, until it is withdrawn or all are asked again. Each entry of a rule
wants its own people: one reviewer fills one place, and places are filled so that as many as possible are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from policies.names import appearance, same_person
from policies.terms import ApprovalRule
from policies.verdicts import Approval, Evaluation, Vote

Groups = Mapping[str, frozenset[str]]
"""By group, the names of its members."""
Membership = Mapping[str, frozenset[str]]
"""By name as compared, the groups that somebody is in."""
_ORDER = (Vote.REQUEST, Vote.COMMENT, Vote.PROMOTE, Vote.APPROVE, Vote.WITHDRAW, Vote.REJECT)
"""Of several at the same moment the last of these stands."""


@dataclass
class Heard:
    """What counts of all that was said: the votes by name as compared, and the last request to ask again."""

    votes: dict[str, Approval] = field(default_factory=dict)
    request: Approval | None = None


def heard(approvals: Iterable[Approval], evaluation: Evaluation, authors: frozenset[str]) -> Heard:
    """What was said of exactly this evaluation and still stands; authors say nothing."""
    wanted = (evaluation.evidence_digest, evaluation.policy_digest)
    said = Heard()
    for one in sorted(approvals, key=_when):
        name = same_person(one.reviewer)
        if (one.evidence_digest, one.policy_digest) != wanted or not name or is_author(name, authors):
            continue
        match one.vote:
            case Vote.APPROVE | Vote.REJECT:
                said.votes[name] = one
            case Vote.WITHDRAW:
                said.votes.pop(name, None)
            case Vote.REQUEST:
                said = Heard(request=one)
    return said


def is_author(name: str, authors: Iterable[str]) -> bool:
    """Whether this is the name of somebody who made the version, or looks like one."""
    return appearance(name) in {appearance(author) for author in authors}


def groups_of(name: str, groups: Groups, claimed: Iterable[str] = ()) -> frozenset[str]:
    """The groups that somebody is in: by the reviewers file, and as their sign-in said."""
    compared = same_person(name)
    listed = (group for group, members in groups.items() if compared in map(same_person, members))
    return frozenset([*listed, *claimed])


def may_vote(member_of: frozenset[str], entries: Sequence[ApprovalRule]) -> bool:
    """Whether some entry asks somebody of these groups; where no entry stands, anyone may say no."""
    return not entries or any(_eligible(member_of, entry) for entry in entries)


def unfilled(people: Membership, entries: Sequence[ApprovalRule]) -> list[ApprovalRule]:
    """The entries that still want people, each with the count still wanted.

    A maximum matching by augmenting paths: whoever is seated moves over if that lets one more sit.
    """
    places = [number for number, entry in enumerate(entries) for _ in range(entry.count)]
    holder: dict[int, str] = {}

    def seat(name: str, tried: set[int]) -> bool:
        for place, number in enumerate(places):
            if place in tried or not _eligible(people[name], entries[number]):
                continue
            tried.add(place)
            if place not in holder or seat(holder[place], tried):
                holder[place] = name
                return True
        return False

    for name in sorted(people):
        seat(name, set())
    empty = [number for place, number in enumerate(places) if place not in holder]
    return [
        entries[number].model_copy(update={"count": empty.count(number)}) for number in sorted(set(empty))
    ]


def _eligible(member_of: frozenset[str], entry: ApprovalRule) -> bool:
    return not entry.groups or not member_of.isdisjoint(entry.groups)


def _when(one: Approval) -> tuple[datetime, int]:
    """By time, UTC where it names no zone."""
    return one.at if one.at.tzinfo else one.at.replace(tzinfo=UTC), _ORDER.index(one.vote)
