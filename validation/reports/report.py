"""Report: all that the page of one validation is made from, as it is kept. Pure."""

from dataclasses import dataclass
from datetime import datetime

from policies.evidence.evidence import Evidence
from policies.verdicts import Answer, Decision, Evaluation, Outcome
from validation.reports.sketch import Sketch

SAYS = {
    Answer.PROMOTE: "passed",
    Answer.REJECT: "did not pass",
    Answer.HOLD: "could not be judged to the end, or must wait",
    Answer.ASK: "is for people to decide on",
}


@dataclass(frozen=True)
class Report:
    """One judgement with what it rests on; `product` is the version of Gatehouse that took it."""

    evidence: Evidence
    evaluation: Evaluation
    decision: Decision
    sketch: Sketch
    at: datetime
    product: str

    @property
    def title(self) -> str:
        """The model and its version."""
        return f"{self.evidence.candidate.name} {self.evidence.candidate.version}"

    @property
    def verdict(self) -> str:
        """The whole in one sentence."""
        return f"{self.title} {SAYS[self.decision.answer]}: {self._gates()}."

    def _gates(self) -> str:
        told = [
            f"{count} {word}"
            for outcome, word in _WORDS.items()
            if (count := sum(v.outcome is outcome for v in self.evaluation.verdicts))
        ]
        return f"of {len(self.evaluation.verdicts)} gates {', '.join(told)}" if told else "no gate was judged"


_WORDS = {
    Outcome.FAIL: "failed",
    Outcome.ERROR: "could not be judged",
    Outcome.INCONCLUSIVE: "were inconclusive",
    Outcome.PASS: "passed",
    Outcome.SKIP: "did not apply",
}
