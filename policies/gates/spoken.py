"""Spoken: what a gate that looks at many things says of one of them."""

from dataclasses import dataclass

from policies.verdicts import Outcome

WORST = (Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE, Outcome.PASS)
"""Which of several outcomes is the whole's: the first that is there."""


@dataclass(frozen=True)
class Spoken:
    """An outcome in words; the larger `badness`, the worse among those of one outcome."""

    outcome: Outcome
    words: str
    badness: float = 0.0
    value: float | None = None
    bound: float | None = None
    rows: int | None = None
