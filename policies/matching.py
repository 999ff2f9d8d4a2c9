"""Which entry of one list is which of another: by being equal, by name, else by what marks their kind."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from policies.gates.gate import Gate
from policies.kinds import Kind
from policies.rule import Rule
from policies.section import Section
from policies.written import written


@dataclass(frozen=True)
class Pair:
    """Where an entry stands before and after; None on the side where it does not."""

    old: int | None
    new: int | None


def matched(old: Sequence[Any], new: Sequence[Any]) -> list[Pair]:
    """What differs between two lists, in the order of the new one; what was removed comes last."""
    before, after = dict(enumerate(old)), dict(enumerate(new))
    _take(before, after, lambda entry: entry)
    pairs = [*_take(before, after, called), *_take(before, after, _marked)]
    pairs += [Pair(None, at) for at in after]
    return sorted(pairs, key=lambda pair: pair.new or 0) + [Pair(at, None) for at in before]


def called(entry: Any) -> str:
    """What people call an entry: a gate's label, a rule's two stages, else its first key that is due."""
    if isinstance(entry, Gate):
        return entry.label
    if isinstance(entry, Rule):
        return f"{entry.from_stage} to {entry.to_stage}".lower()
    if isinstance(entry, Section):
        due = _due(entry)
        return written(getattr(entry, due[0])) if due else str(entry)
    return written(entry)


def _take(before: dict[int, Any], after: dict[int, Any], same: Callable[[Any], Any]) -> list[Pair]:
    """Pair off what is the same in some respect, and take it out of both."""
    pairs = []
    for at, entry in list(after.items()):
        known = same(entry)
        found = next((i for i, other in before.items() if known is not None and same(other) == known), None)
        if found is not None:
            del before[found], after[at]
            pairs.append(Pair(found, at))
    return pairs


def _marked(entry: Any) -> Any:
    """A kind with the values of its marks, so that a renamed gate is found; a section that has no name."""
    if isinstance(entry, Kind):
        return type(entry), [getattr(entry, mark) for mark in entry.marks]
    return type(entry) if isinstance(entry, Section) and not _due(entry) else None


def _due(entry: Section) -> list[str]:
    return [name for name, field in type(entry).model_fields.items() if field.is_required()]
