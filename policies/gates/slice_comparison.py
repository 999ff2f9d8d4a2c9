"""No slice got worse than the champion by more than a margin. Pure.

Asked of many slices at once, so the p-values of "worse by more than the margin" are corrected by Holm: what
is certain then fails; what would be certain of that slice alone is inconclusive. That every slice is shown to
be no worse is not asked: small slices never could.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from policies.evidence.comparison import Comparison
from policies.evidence.slices import ComparedPart
from policies.figures import numbers, on_rows, percent
from policies.gates.spoken import Spoken
from policies.holm import holm
from policies.metrics import Better, direction
from policies.noninferiority import Bound, expm1
from policies.verdicts import Outcome


@dataclass(frozen=True)
class AgainstChampion:
    """By which metric, how much worse is allowed, and how sure the whole answer is."""

    metric: str
    margin: float
    confidence: float

    def spoken(self, parts: Sequence[ComparedPart], judged: Sequence[str]) -> Iterator[Spoken]:
        """What is said of each part that is judged."""
        known = {part.name: part for part in parts}
        asked: list[tuple[ComparedPart, float]] = []
        for name in judged:
            part = known.get(name)
            p = None if part is None else self._p_worse(part.compared)
            if part is not None and p is not None:
                asked.append((part, p))
            else:
                why = (part and part.wrong) or "could not be compared with the champion"
                yield Spoken(Outcome.ERROR, f"{name} {why}")
        for (part, p), adjusted in zip(asked, holm([p for _, p in asked]), strict=True):
            yield self._compared(part, self._outcome(p, adjusted), p)

    def _outcome(self, p: float, adjusted: float) -> Outcome:
        allowed = 1 - self.confidence
        if adjusted < allowed:
            return Outcome.FAIL
        return Outcome.INCONCLUSIVE if p < allowed else Outcome.PASS

    def _p_worse(self, found: Comparison | None) -> float | None:
        """How likely figures so bad are of a candidate worse by just the margin; None where nobody knows."""
        if found is None or not all(map(math.isfinite, (found.candidate, found.champion))):
            return None
        if found.log_ratio is None or found.se is None:
            return self._p_of_perfection(found)
        sound = found.spread is None or found.spread.sound
        if not sound or not math.isfinite(found.log_ratio) or not 0 <= found.se < math.inf:
            return None
        better = direction(self.metric)
        bound = Bound(
            found.log_ratio,
            found.se,
            better=better,
            margin=self.margin,
            confidence=self.confidence,
            spread=found.spread,
        )
        return bound.p_worse

    def _p_of_perfection(self, found: Comparison) -> float | None:
        """A perfect model on either side leaves no ratio, but an answer."""
        if direction(self.metric) is Better.LARGER or min(found.candidate, found.champion) != 0:
            return None
        return 1.0 if found.candidate == 0 else 0.0

    def _compared(self, part: ComparedPart, outcome: Outcome, p: float) -> Spoken:
        found = part.compared
        assert found is not None, "of a part without comparison no p is known"
        candidate, champion = numbers(found.candidate, found.champion)
        change = "" if found.log_ratio is None else f" ({self._change(expm1(found.log_ratio))})"
        worse = f"more than {percent(self.margin)} worse"
        sure = {
            Outcome.FAIL: f"certainly {worse}",
            Outcome.INCONCLUSIVE: f"perhaps {worse}, which may be chance among so many slices",
        }.get(outcome, f"not certainly {worse}")
        told = f"{part.name} was {candidate} against the champion's {champion}{change}"
        return Spoken(
            outcome,
            f"{told}, {sure}, {on_rows(part.rows)}",
            badness=-p,
            value=found.candidate,
            rows=part.rows,
        )

    def _change(self, change: float) -> str:
        if change == 0:
            return "the same"
        worse = (change > 0) == (direction(self.metric) is Better.SMALLER)
        return f"{percent(change)} {'worse' if worse else 'better'}"
