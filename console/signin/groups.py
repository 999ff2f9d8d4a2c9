"""Who is in which group of reviewers, and so is one at all; whose vote counts the policy says. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from policies.book import PolicyBook
from policies.names import same_person


@dataclass(frozen=True)
class Reviewers:
    """The members of each group, and the groups that any policy asks for.

    `listed_as` tells by which of their names somebody is listed.
    """

    members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()
    listed_as: Callable[[str], str] = same_person

    @classmethod
    def of(cls, book: PolicyBook) -> "Reviewers":
        """As the policies and the file of reviewers name them."""
        members = {group: frozenset(map(same_person, names)) for group, names in book.groups.items()}
        rules = (rule for policy in book.policies for rule in policy.transitions)
        asked = {group for rule in rules for entry in rule.approvals for group in entry.ever_asked}
        return cls(members, frozenset(asked | members.keys()), book.listed_as)

    def groups_of(self, name: str, claimed: frozenset[str]) -> frozenset[str]:
        """The groups of reviewers that a person is in, by the file or by what their provider claims."""
        names = {same_person(name), same_person(self.listed_as(name))}
        filed = {group for group, members in self.members.items() if members & names}
        return frozenset(filed | (claimed & self.asked))

    def is_reviewer(self, groups: frozenset[str]) -> bool:
        """Members of any group are; where no policy knows groups, everybody who signed in is."""
        return bool(groups) or not self.asked
