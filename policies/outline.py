"""A policy as an outline that a page is made of: every key that says something, with what it means. Pure.

Generic over the language's types: what a key means is its description there, what a gate means its kind's.
"""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.language import Policy
from policies.matching import called
from policies.section import Section
from policies.spot import Spot


@dataclass(frozen=True)
class Point:
    """One thing that is demanded or done: what it is called, as it is written, and what that means."""

    name: str
    written: str
    means: str = ""


@dataclass(frozen=True)
class Part:
    """One key with its points; `points` is empty where the key says all there is to say."""

    key: str
    means: str
    written: str
    points: tuple[Point, ...] = ()


@dataclass(frozen=True)
class Chapter:
    """What is said of one transition."""

    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Outline:
    """The whole policy."""

    name: str
    description: str
    parts: tuple[Part, ...]
    chapters: tuple[Chapter, ...]


def outline(policy: Policy) -> Outline:
    """What a policy says, in the order of its file; what holds by default comes last."""
    whole = Spot(policy, policy)
    rules = whole.field("transitions")
    return Outline(
        name=policy.name,
        description=policy.description,
        parts=tuple(_parts(whole, without={"name", "description", "transitions"})),
        chapters=tuple(
            Chapter(called(rule), tuple(_parts(rules.entry(at), without={"from_stage", "to_stage"})))
            for at, rule in enumerate(policy.transitions)
        ),
    )


def _parts(spot: Spot, *, without: set[str]) -> Iterator[Part]:
    """The keys that are written down, or hold by default."""
    fields = type(spot.value).model_fields
    for name in sorted(fields, key=lambda name: _rank(spot, fields[name].alias or name)):
        field, inner = fields[name], spot.field(name)
        if name not in without and inner.value not in (None, (), "", {}):
            points = tuple(_points(inner))
            yield Part(inner.key, field.description or "", "" if points else inner.told(), points)


def _points(spot: Spot) -> Iterator[Point]:
    """Entries that are sections, each with what its kind means; of a single section its keys."""
    if isinstance(spot.value, Section):
        for part in _parts(spot, without=set()):
            written = part.written or "; ".join(point.written for point in part.points)
            yield Point(part.key, written, part.means)
    if isinstance(spot.value, Mapping):
        entries = [(str(name), spot.entry(name)) for name in spot.value]
    elif isinstance(spot.value, tuple):
        entries = [(called(value), spot.entry(at)) for at, value in enumerate(spot.value)]
    else:
        return
    for name, entry in entries:
        if isinstance(entry.value, Section):
            yield Point(name, _options(entry), inspect.getdoc(type(entry.value)) or "")


def _options(spot: Spot) -> str:
    """The keys of an entry as written, in that order, without its name, which is told already."""
    section: Section = spot.value
    given = [spot.field(name) for name in type(section).model_fields if name in section.model_fields_set]
    given.sort(key=lambda each: _rank(spot, each.key))
    return ", ".join(f"{each.key} {each.told()}" for each in given if each.key != "name")


def _rank(spot: Spot, key: str) -> int:
    """Where a key stands in its section of the file; behind all of them if it does not."""
    order = list(node.inside) if (node := spot.node()) else []
    return order.index(key) if key in order else len(order)
