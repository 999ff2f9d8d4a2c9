"""What is wrong with exceptions though they are well written: who made them, and when they ended. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from policies.language import Policy
from policies.names import same_person
from policies.problems import Problem, suggest


def strangers(policies: Sequence[Policy], groups: Mapping[str, frozenset[str]]) -> Iterator[Problem]:
    """Exceptions by somebody who neither is an owner of the policy nor belongs to a group of them."""
    for policy in policies:
        members = {name for owner in policy.owners for name in groups.get(owner, ())}
        known = {same_person(name) for name in (*policy.owners, *members)}
        for index, waiver in enumerate(policy.exceptions):
            if same_person(waiver.by) not in known:
                what = f"'{waiver.by}' is no owner and in no group of them"
                advice = suggest(waiver.by, [*policy.owners, *sorted(members)])
                yield policy.problem(("exceptions", index, "by"), what, advice)


def ended_exceptions(policy: Policy, now: datetime) -> Iterator[Problem]:
    """Exceptions that count no more: worth a warning, since nothing is wrong with them."""
    for index, waiver in enumerate(policy.exceptions):
        if waiver.end <= now:
            what = f"the exception for '{waiver.gate}' ended with {waiver.expires}"
            yield policy.problem(("exceptions", index, "expires"), what, "take it out, or renew it")
