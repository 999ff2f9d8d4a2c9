"""PolicyBook: all policies of a folder together, and which of them rules a registered model. Pure.

An exact name beats a glob, a glob with the longer literal beginning beats a shorter one, and of equal ones
the policy that asks for more tags of the model beats the other. Where two claim a model alike, or the nearest
claim stands in a broken file, nobody guesses: asking for it raises.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from policies.broken import Broken
from policies.language import Policy
from policies.names import same_person
from policies.problems import PolicyInvalid, Problem, suggest
from policies.source import Path
from policies.waiver_checks import strangers

_GLOB = re.compile(r"[*?\[]")

ANY_TAGS = 1000
"""A broken file may have asked for any number of tags."""

Claim = tuple[bool, int, int]
"""How near a claim is: an exact name above all, then the length of the literal beginning, then the tags."""
Tags = Callable[[], Mapping[str, str]]
"""Asks for the tags of the registered model."""


@dataclass
class AskedTags:
    """Asks for tags, and remembers the answer, which a decision keeps: its policy was chosen by it."""

    ask: Tags
    answer: Mapping[str, str] | None = None
    """None: nobody had to ask."""

    def __call__(self) -> Mapping[str, str]:
        """The tags."""
        self.answer = self.ask()
        return self.answer


@dataclass(frozen=True)
class PolicyBook:
    """Policies that are sound, problems of those that are not, and who the reviewers are."""

    policies: tuple[Policy, ...] = ()
    problems: tuple[Problem, ...] = ()
    broken: tuple[Broken, ...] = ()
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    """By any of their names, as compared, the name that people are listed under."""
    unread: tuple[str, ...] = ()
    """Why nobody can tell who the reviewers are, if their file cannot be read: then nobody votes."""

    @classmethod
    def of(
        cls,
        policies: Sequence[Policy],
        broken: Sequence[Broken] = (),
        *,
        groups: Mapping[str, frozenset[str]] | None = None,
        people: Mapping[str, str] | None = None,
        problems: Iterable[Problem] = (),
        unread: Iterable[str] = (),
    ) -> "PolicyBook":
        """The book, with the problems between its policies added; `groups` None: none are declared."""
        found = [*problems, *_same_names(policies), *_same_models(policies)]
        if groups is not None:
            found += [*_unknown_groups(policies, groups), *strangers(policies, groups)]
        return cls(
            tuple(policies),
            PolicyInvalid(found).problems,
            tuple(broken),
            groups or {},
            people or {},
            tuple(unread),
        )

    def listed_as(self, name: str) -> str:
        """The name that somebody is listed under, whichever of theirs this is."""
        return self.people.get(same_person(name), name)

    def authors(self, names: Iterable[str]) -> frozenset[str]:
        """These authors by the names given and by those that they are listed under."""
        given = frozenset(names)
        return given | {self.listed_as(name) for name in given}

    @property
    def named(self) -> frozenset[str]:
        """Every group that some policy names: to ask it, as an owner, or to break the glass."""
        rules = [rule for policy in self.policies for rule in policy.transitions]
        reviewing = [group for rule in rules for entry in rule.approvals for group in entry.ever_asked]
        owning = [owner for policy in self.policies for owner in policy.owners]
        breaking = [one for policy in self.policies if policy.break_glass for one in policy.break_glass.by]
        return frozenset([*reviewing, *owning, *breaking])

    def by_digest(self, digest: str) -> Policy | None:
        """The policy of exactly this text, if it is in force."""
        return next((policy for policy in self.policies if policy.digest == digest), None)

    def standing_in(self, broken: Sequence[Broken], last_good: Mapping[str, Policy]) -> "PolicyBook":
        """The book in which the last good text of a broken file stays in force, by file."""
        told = tuple(replace(each, last_good=last_good.get(each.file)) for each in broken)
        return replace(self, policies=(*self.policies, *last_good.values()), broken=told)

    def for_model(self, name: str, tags: Tags | None = None) -> Policy | None:
        """The policy that rules a model; None where nobody claims it.

        Raises PolicyInvalid where the nearest claim is not one sound policy's alone, or hangs on tags that
        nobody can be asked for. A broken file's claim is met by its own last good text.
        """
        claims = self._claims(name, tags)
        best = max((near for near, _ in claims), default=None)
        ruling = [policy for near, policy in claims if near == best]
        for broken in self.broken:
            near = _nearest(broken.models, name, tags=ANY_TAGS)
            if near and (best is None or near >= best) and ruling != [broken.last_good]:
                raise PolicyInvalid(broken.problems)
        if len(ruling) > 1:
            raise PolicyInvalid(_tie(ruling, name))
        return ruling[0] if ruling else None

    def _claims(self, name: str, tags: Tags | None) -> list[tuple[Claim, Policy]]:
        found = [(_nearest(policy.models, name, tags=len(policy.tagged)), policy) for policy in self.policies]
        plain = [(near, policy) for near, policy in found if near and not policy.tagged]
        best = max((near for near, _ in plain), default=None)
        nearer = [
            (near, policy) for near, policy in found if near and policy.tagged and (not best or near > best)
        ]
        if not nearer:
            return plain
        if tags is None:
            raise PolicyInvalid(_unasked([policy for _, policy in nearer], name))
        carried = tags().items()
        return plain + [(near, policy) for near, policy in nearer if policy.tagged.items() <= carried]


def _nearest(patterns: Iterable[str], name: str, *, tags: int) -> Claim | None:
    return max((_nearness(p, tags) for p in patterns if p == name or fnmatchcase(name, p)), default=None)


def _nearness(pattern: str, tags: int) -> Claim:
    glob = _GLOB.search(pattern)
    return (glob is None, glob.start() if glob else len(pattern), tags)


def _unasked(selecting: Sequence[Policy], name: str) -> Iterator[Problem]:
    for policy in selecting:
        what = f"whether it rules '{name}' hangs on the tags of the model, which are not known here"
        yield policy.problem(("tagged",), what, "")


def _tie(ruling: Sequence[Policy], name: str) -> Iterator[Problem]:
    for policy in ruling:
        others = " and ".join(_where(other, ("models",)) for other in ruling if other is not policy)
        what = f"the model '{name}' is claimed just as nearly by {others}"
        yield policy.problem(("models",), what, f"name '{name}' in one of them")


def _same_names(policies: Sequence[Policy]) -> Iterator[Problem]:
    first: dict[str, Policy] = {}
    for policy in policies:
        if (earlier := first.setdefault(policy.name, policy)) is not policy:
            what = f"{_where(earlier, ('policy',))} is called '{policy.name}' too"
            yield policy.problem(("policy",), what, "give one of them another name")


def _same_models(policies: Sequence[Policy]) -> Iterator[Problem]:
    first: dict[object, tuple[Policy, int]] = {}
    for policy in policies:
        for index, pattern in enumerate(policy.models):
            claim = pattern, frozenset(policy.tagged.items())
            earlier, at = first.setdefault(claim, (policy, index))
            if earlier is not policy or at != index:
                what = f"'{pattern}' is claimed by {_where(earlier, ('models', at))} too"
                yield policy.problem(("models", index), what, "take it out of one of them")


def _unknown_groups(policies: Sequence[Policy], groups: Mapping[str, frozenset[str]]) -> Iterator[Problem]:
    for policy in policies:
        for number, rule in enumerate(policy.transitions):
            for entry, wanted in enumerate(rule.approvals):
                later = wanted.escalate.to if wanted.escalate else ()
                for key, named in ((("from",), wanted.groups), (("escalate", "to"), later)):
                    for index, group in enumerate(named):
                        if group not in groups:
                            at = ("transitions", number, "approvals", entry, *key, index)
                            what = f"no group '{group}' of reviewers"
                            yield policy.problem(at, what, suggest(group, groups))


def _where(policy: Policy, at: Path) -> str:
    line = policy.source.place(at)[0] if policy.source else 1
    return f"{policy.path}:{line}"
