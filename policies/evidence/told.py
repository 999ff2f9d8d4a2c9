"""Told: what a case tells of its candidate and champion, in a person's words; needs make findings of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Figure = float | str | Mapping[str, float]
"""A number, a word such as `40MB`, or several numbers by name."""


class CaseUnfit(Exception):
    """A case tells of something in a form that says nothing of it; the sentence says which form would."""


@dataclass(frozen=True)
class Told:
    """Figures by name; `champion` is None for a first version.

    `uncertainty` is the standard error of every comparison on the scale of ln(candidate / champion).
    `loads_s` is the time to load in seconds, infinite for a model that crashes, None where it was not tried.
    """

    candidate: Mapping[str, Figure] = field(default_factory=dict)
    champion: Mapping[str, Figure] | None = None
    rows: int = 10_000
    uncertainty: float = 0.0
    loads_s: float | None = 1.0

    def number(self, names: Sequence[str], *, of_champion: bool = False) -> float | None:
        """The figure under the first of these names that is told. Raises CaseUnfit for no number."""
        name, found = self._first(names, of_champion=of_champion)
        if found is None:
            return None
        if not isinstance(found, float | int):
            raise CaseUnfit(f"'{name}' is told as {found!r}; write a number")
        return float(found)

    def several(self, names: Sequence[str], known: Sequence[str]) -> Mapping[str, float] | None:
        """The `known` figures under the first of these names that is told. Raises CaseUnfit for others."""
        name, found = self._first(names, of_champion=False)
        if found is None:
            return None
        if not isinstance(found, Mapping) or set(found) != set(known):
            form = ", ".join(f"{each}: ..." for each in known)
            raise CaseUnfit(f"'{name}' is told as {found!r}; write {{{form}}}")
        return found

    def by_name(self, names: Sequence[str], *, of_champion: bool = False) -> Mapping[str, float] | None:
        """The figures by name under the first of these names that is told. Raises CaseUnfit for others."""
        name, found = self._first(names, of_champion=of_champion)
        if found is None or isinstance(found, Mapping):
            return found
        raise CaseUnfit(f"'{name}' is told as {found!r}; write several numbers by name")

    def _first(self, names: Sequence[str], *, of_champion: bool) -> tuple[str, Figure | None]:
        figures = (self.champion or {}) if of_champion else self.candidate
        name = next((name for name in names if name in figures), "")
        return name, figures.get(name)
