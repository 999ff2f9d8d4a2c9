"""Weighed: what verdicts mean for a decision, once warnings and exceptions are set apart. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from policies.verdicts import Evaluation, OnInconclusive, Outcome, Severity, Verdict
from policies.waivers import Waivers

FINE = frozenset({Outcome.PASS, Outcome.SKIP})


@dataclass(frozen=True)
class Weighed:
    """An evaluation, the exceptions that count for it, and what the rule does where the data cannot say."""

    evaluation: Evaluation
    waivers: Waivers
    on_inconclusive: OnInconclusive

    @cached_property
    def waived(self) -> list[Verdict]:
        """What would speak against the candidate, were it not excepted."""
        return [verdict for verdict in self._unfine if self.waivers.of(verdict)]

    def blocking(self, outcome: Outcome) -> list[Verdict]:
        """What stops a promotion by this outcome."""
        return [v for v in self._unfine if v.outcome is outcome and _blocks(v) and v not in self.waived]

    def unclear_to(self, answer: OnInconclusive) -> list[Verdict]:
        """What the data cannot say, as far as this is to follow from it."""
        unclear = self.blocking(Outcome.INCONCLUSIVE)
        return [v for v in unclear if (v.on_inconclusive or self.on_inconclusive) == answer]

    @property
    def judges(self) -> bool:
        """Whether any gate that could stop the candidate was judged, and not set aside."""
        return any(_blocks(verdict) and verdict not in self.waived for verdict in self._judged)

    @property
    def tally(self) -> str:
        """How many gates spoke for it, of those that had anything to judge."""
        passed = sum(verdict.outcome is Outcome.PASS for verdict in self._judged)
        first = "; a first version, with no champion to compare with" if self.evaluation.rubber_stamp else ""
        return f"{passed} of {len(self._judged)} gates passed{first}"

    def remarks(self) -> list[str]:
        """Exceptions that count, warnings, and exceptions that would have counted if they had not ended."""
        told = ((verdict, sentences([verdict])[0]) for verdict in self.waived)
        warnings = [v for v in self._unfine if not _blocks(v) and v not in self.waived]
        return [
            *(self.waivers.told(verdict, sentence) for verdict, sentence in told),
            *(f"warning: {sentence}" for sentence in sentences(warnings)),
            *self.waivers.ended(v for v in self._unfine if _blocks(v)),
        ]

    @property
    def _unfine(self) -> list[Verdict]:
        return [verdict for verdict in self.evaluation.verdicts if verdict.outcome not in FINE]

    @property
    def _judged(self) -> list[Verdict]:
        return [verdict for verdict in self.evaluation.verdicts if verdict.outcome is not Outcome.SKIP]


def sentences(verdicts: Iterable[Verdict]) -> list[str]:
    """Each sentence once, after the names of its gates where it does not begin with that anyway."""
    told: dict[str, list[str]] = {}
    for verdict in verdicts:
        told.setdefault(verdict.sentence, []).append(verdict.gate)
    return [
        sentence if sentence.startswith(gates[0]) and len(gates) == 1 else f"{', '.join(gates)}: {sentence}"
        for sentence, gates in told.items()
    ]


def _blocks(verdict: Verdict) -> bool:
    return verdict.severity is Severity.BLOCK
