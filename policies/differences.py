"""What changes between two versions of a policy, in words. Pure, and generic over the language's types.

Entries of a list are matched by what they are called, not by where they stand. Values are told as their
authors wrote them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from policies.gates.gate import Gate
from policies.language import Policy
from policies.matching import called, matched
from policies.section import Section
from policies.spot import Spot
from policies.strictness import MORE, Effect, Stricter

At = tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """One change: where (policy, transition, gate), what, and whether it is certainly stricter or looser."""

    at: At
    what: str
    effect: Effect = ""

    def __str__(self) -> str:
        return ": ".join((*self.at, self.what)) + (f" ({self.effect})" if self.effect else "")


def differences(old: Sequence[Policy], new: Sequence[Policy]) -> list[Difference]:
    """What changes from some policies to others; policies are matched by name."""
    before, after = ({policy.name: policy for policy in policies} for policies in (old, new))
    return [
        difference
        for name in dict.fromkeys([*before, *after])
        for difference in _of_policy(name, before.get(name), after.get(name))
    ]


def _of_policy(name: str, old: Policy | None, new: Policy | None) -> Iterator[Difference]:
    if old is None or new is None:
        yield Difference((name,), "policy added" if old is None else "policy removed")
        return
    found = list(_of_sections((name,), Spot(old, old), Spot(new, new)))
    if not found and old.text != new.text:
        what = "only comments or layout; approvals given for the old text are asked for again"
        found = [Difference((name,), what)]
    yield from found


def _of_sections(at: At, old: Spot, new: Spot) -> Iterator[Difference]:
    """Key by key."""
    certain = _certain(old.value, new.value)
    for field in type(old.value).model_fields:
        before, after = old.field(field), new.field(field)
        if before.value == after.value:
            continue
        if isinstance(before.value, Mapping) and isinstance(after.value, Mapping):
            yield from _of_mappings(at, before, after)
        elif isinstance(before.value, Section) and isinstance(after.value, Section):
            yield from _of_entries(at, before.key, before, after)
        elif isinstance(before.value, tuple) and isinstance(after.value, tuple):
            yield from _of_lists(at, before, after, more=certain.get(field) is MORE)
        else:
            effect = certain[field].effect(before.value, after.value) if field in certain else ""
            yield Difference(at, f"{before.key} {before.told()} -> {after.told()}", effect)


def _of_mappings(at: At, old: Spot, new: Spot) -> Iterator[Difference]:
    for name in dict.fromkeys([*old.value, *new.value]):
        what = f"{_one(old.key)} {name}"
        if name not in old.value or name not in new.value:
            yield Difference((*at, what), "removed" if name in old.value else "added")
        else:
            yield from _of_entries(at, what, old.entry(name), new.entry(name))


def _of_lists(at: At, old: Spot, new: Spot, *, more: bool) -> Iterator[Difference]:
    """What stands on one side only is one demand more or less; the first gate of all ends a doubt, too."""
    certain = more and bool(old.value and new.value)
    for pair in matched(old.value, new.value):
        if pair.old is not None and pair.new is not None:
            before, after = old.entry(pair.old), new.entry(pair.new)
            yield from _of_entries(at, f"{_one(new.key)} {called(after.value)}", before, after)
        elif pair.new is not None:
            yield _only(at, new.key, new.entry(pair.new), "added", "stricter" if certain else "")
        elif pair.old is not None:
            yield _only(at, old.key, old.entry(pair.old), "removed", "looser" if certain else "")


def _only(at: At, key: str, spot: Spot, what: str, effect: Effect) -> Difference:
    """An entry that has no counterpart: its name, and in full where that says more."""
    name, told = called(spot.value), spot.told()
    full = f"{_one(key)} {name}" + ("" if told == name else f", {told},")
    warns = isinstance(spot.value, Gate) and spot.value.severity == "warn"
    return Difference(at, f"{full} {what}", "" if warns else effect)


def _of_entries(at: At, what: str, old: Spot, new: Spot) -> Iterator[Difference]:
    if isinstance(old.value, Section) and type(old.value) is type(new.value):
        yield from _of_sections((*at, what), old, new)
    elif old.value != new.value:
        yield Difference((*at, what), f"{old.told()} -> {new.told()}")


def _certain(old: Section, new: Section) -> dict[str, Stricter]:
    """The fields by which two sections can be held against each other: all that they depend on is the same.

    What hangs below a transition is told for itself. Of a gate that only warns, nothing but that counts.
    """
    fields = type(old).model_fields
    ranked = {name: rank for name in fields if (rank := old.stricter_if(name))}
    if isinstance(old, Gate) and "warn" in {old.severity, getattr(new, "severity", None)}:
        ranked = {"severity": ranked["severity"]}
    if MORE in ranked.values() and not isinstance(old, Gate):
        return ranked
    told_apart = fields.keys() - ranked - {"name"}
    return ranked if all(getattr(old, name) == getattr(new, name) for name in told_apart) else {}


def _one(key: str) -> str:
    """What one entry under a key is called: gates, gate."""
    return key if key.endswith("ss") else key.removesuffix("s")
