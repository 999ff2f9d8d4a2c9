"""What candidate and champion were made with, side by side, as far as it is on record."""

from collections.abc import Mapping
from typing import TypeVar

from policies.evidence.evidence import Evidence
from registry.words import Value

T = TypeVar("T", float, str)


class Beside(Value):
    """One name with what each has under it; None where it has nothing."""

    name: str
    candidate: float | str | None
    champion: float | str | None

    @property
    def differs(self) -> bool:
        """Whether the two are told apart by it."""
        return self.candidate != self.champion


def logged(evidence: Evidence) -> tuple[Beside, ...]:
    """The figures that their runs logged."""
    return _beside(evidence.candidate.logged, evidence.champion.logged if evidence.champion else {})


def parameters(evidence: Evidence) -> tuple[Beside, ...]:
    """The parameters of their runs; none in evidence of an older release."""
    return _beside(evidence.candidate.params, evidence.champion.params if evidence.champion else {})


def _beside(ours: Mapping[str, T], theirs: Mapping[str, T]) -> tuple[Beside, ...]:
    """What tells them apart comes first."""
    rows = [
        Beside(name=name, candidate=ours.get(name), champion=theirs.get(name)) for name in {*ours, *theirs}
    ]
    return tuple(sorted(rows, key=lambda row: (not row.differs, row.name)))
