"""PolicyBook: all policies of a folder together, and which of them rules a registered model. Pure.

An exact name beats a glob, a glob with the longer literal beginning beats a shorter one. Where two claim a
model alike, or the nearest claim stands in a broken file, nobody guesses: asking for it raises.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from policies.broken import Broken
from policies.language import Policy
from policies.problems import PolicyInvalid, Problem, suggest
from policies.source import Path
from policies.waiver_checks import strangers

_GLOB = re.compile(r"[*?\[]")

Claim = tuple[bool, int]
"""How near a claim is: an exact name above all, then the length of the literal beginning."""


@dataclass(frozen=True)
class PolicyBook:
    """Policies that are sound, problems of those that are not, and who the reviewers are."""

    policies: tuple[Policy, ...] = ()
    problems: tuple[Problem, ...] = ()
    broken: tuple[Broken, ...] = ()
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        policies: Sequence[Policy],
        broken: Sequence[Broken] = (),
        *,
        groups: Mapping[str, frozenset[str]] | None = None,
        problems: Iterable[Problem] = (),
    ) -> "PolicyBook":
        """The book, with the problems between its policies added; `groups` None: none are declared."""
        found = [*problems, *_same_names(policies), *_same_models(policies)]
        if groups is not None:
            found += [*_unknown_groups(policies, groups), *strangers(policies, groups)]
        return cls(tuple(policies), PolicyInvalid(found).problems, tuple(broken), groups or {})

    def for_model(self, name: str) -> Policy | None:
        """The policy that rules a model; None where nobody claims it.

        Raises PolicyInvalid where the nearest claim is not one sound policy's alone.
        """
        claims = [(near, policy) for policy in self.policies if (near := _nearest(policy.models, name))]
        best = max((near for near, _ in claims), default=None)
        for broken in self.broken:
            near = _nearest(broken.models, name)
            if near and (best is None or near >= best):
                raise PolicyInvalid(broken.problems)
        ruling = [policy for near, policy in claims if near == best]
        if len(ruling) > 1:
            raise PolicyInvalid(_tie(ruling, name))
        return ruling[0] if ruling else None


def _nearest(patterns: Iterable[str], name: str) -> Claim | None:
    return max((_nearness(p) for p in patterns if p == name or fnmatchcase(name, p)), default=None)


def _nearness(pattern: str) -> Claim:
    glob = _GLOB.search(pattern)
    return (glob is None, glob.start() if glob else len(pattern))


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
    first: dict[str, tuple[Policy, int]] = {}
    for policy in policies:
        for index, pattern in enumerate(policy.models):
            earlier, at = first.setdefault(pattern, (policy, index))
            if earlier is not policy or at != index:
                what = f"'{pattern}' is claimed by {_where(earlier, ('models', at))} too"
                yield policy.problem(("models", index), what, "take it out of one of them")


def _unknown_groups(policies: Sequence[Policy], groups: Mapping[str, frozenset[str]]) -> Iterator[Problem]:
    for policy in policies:
        for number, rule in enumerate(policy.transitions):
            for entry, wanted in enumerate(rule.approvals):
                for index, group in enumerate(wanted.groups):
                    if group not in groups:
                        at = ("transitions", number, "approvals", entry, "from", index)
                        yield policy.problem(at, f"no group '{group}' of reviewers", suggest(group, groups))


def _where(policy: Policy, at: Path) -> str:
    line = policy.source.place(at)[0] if policy.source else 1
    return f"{policy.path}:{line}"
