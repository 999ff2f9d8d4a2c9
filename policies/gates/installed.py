"""Gates of a team's own: what installed packages offer by the entry point `gatehouse.gates`.

What offers no sound gate is told of by name, and takes nothing else down.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from policies.gates.gate import Gate
from policies.gates.soundness import RAISED, Unsound, check_kind, why

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "gatehouse.gates"


@dataclass(frozen=True)
class Unusable:
    """A gate that a package offers and that cannot be used."""

    gate: str
    package: str
    why: str

    def __str__(self) -> str:
        return f"the gate '{self.gate}' of {self.package} cannot be used: {self.why}"


@dataclass(frozen=True)
class Installed:
    """Kinds of gates that can be used, and those that cannot."""

    kinds: tuple[type[Gate], ...] = ()
    unusable: tuple[Unusable, ...] = ()


def installed(offers: "Iterable[EntryPoint]", taken: Mapping[str, str]) -> Installed:
    """What these entry points offer; `taken` says whose a key is already."""
    entries = sorted(offers, key=lambda entry: (entry.name, _package(entry)))
    named = Counter(entry.name for entry in entries)
    kinds, unusable = [], []
    for entry in entries:
        try:
            if named[entry.name] > 1:
                raise Unsound("two packages offer a gate of this name; remove one of them")
            kind = entry.load()
            check_kind(kind, entry.name, taken)
            kinds.append(kind)
        except RAISED as error:
            unusable.append(Unusable(entry.name, _package(entry), why(error)))
    return Installed(tuple(kinds), tuple(unusable))


def _package(entry: "EntryPoint") -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.value
