"""Who is in which group of reviewers, and so is one at all; and who is named to break a glass. Pure.

Whose vote counts, and which glass somebody may break, the policy says at the act.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from policies.book import PolicyBook
from policies.names import same_person


@dataclass(frozen=True)
class Reviewers:
    """The members of each group, and the groups that any policy asks for.

    `listed_as` tells by which of their names somebody is listed; `breaking` are the people and groups that
    any policy names under `break_glass`.
    """

    members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()
    listed_as: Callable[[str], str] = same_person
    breaking: frozenset[str] = frozenset()

    @classmethod
    def of(cls, book: PolicyBook) -> "Reviewers":
        """As the policies and the file of reviewers name them."""
        members = {group: frozenset(map(same_person, names)) for group, names in book.groups.items()}
        rules = (rule for policy in book.policies for rule in policy.transitions)
        asked = {group for rule in rules for entry in rule.approvals for group in entry.ever_asked}
        breaking = {
            named for policy in book.policies if policy.break_glass for named in policy.break_glass.by
        }
        return cls(members, frozenset(asked | members.keys()), book.listed_as, frozenset(breaking))

    def groups_of(self, name: str, claimed: frozenset[str]) -> frozenset[str]:
        """The groups of reviewers that a person is in, by the file or by what their provider claims."""
        return frozenset(self._filed(self._names_of(name)) | (claimed & self.asked))

    def is_reviewer(self, groups: frozenset[str]) -> bool:
        """Members of any group are; where no policy knows groups, everybody who signed in is."""
        return bool(groups) or not self.asked

    def is_keyholder(self, name: str, claimed: frozenset[str]) -> bool:
        """Whether any policy names this person under `break_glass`, by any of their names or by a group."""
        names = self._names_of(name)
        people = {known for each in self.breaking for known in self._names_of(each)}
        return bool(people & names) or not self.breaking.isdisjoint(self._filed(names) | claimed)

    def _names_of(self, name: str) -> set[str]:
        return {same_person(name), same_person(self.listed_as(name))}

    def _filed(self, names: set[str]) -> set[str]:
        return {group for group, members in self.members.items() if members & names}
