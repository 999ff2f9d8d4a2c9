"""Who belongs to which group of reviewers, from the policies' folder: the roles of a page, not the votes.

A vote's own check reads the policies anew; a page may be some seconds behind.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from policies.book import PolicyBook
from policies.load import load_policies
from policies.names import same_person

FRESH = timedelta(seconds=5)


@dataclass(frozen=True)
class Reviewers:
    """The members of each group, and the groups that any policy asks for."""

    members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()

    @classmethod
    def of(cls, book: PolicyBook) -> "Reviewers":
        """As the policies and the file of reviewers name them."""
        members = {group: frozenset(map(same_person, names)) for group, names in book.groups.items()}
        return cls(members, book.asked | members.keys())

    def groups_of(self, name: str, claimed: frozenset[str]) -> frozenset[str]:
        """The groups of reviewers that a person is in, by the file or by what their provider claims."""
        filed = {group for group, members in self.members.items() if same_person(name) in members}
        return frozenset(filed | (claimed & self.asked))

    def is_reviewer(self, groups: frozenset[str]) -> bool:
        """Members of any group are; where no policy knows groups, everybody who signed in is."""
        return bool(groups) or not self.asked


class ReadReviewers:
    """Reads the folder, and asks it again only after a few seconds: a page must not wait for YAML."""

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self._clock = clock
        self._last: tuple[datetime, Reviewers] | None = None

    def __call__(self) -> Reviewers:
        """As of now, or of some seconds ago."""
        now = self._clock()
        if self._last is None or not timedelta() <= now - self._last[0] < FRESH:
            self._last = now, Reviewers.of(load_policies(self._folder))
        return self._last[1]
