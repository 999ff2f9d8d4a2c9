"""A past decision taken again by other policies, from the evidence and the votes on record. Pure.

It is taken at the moment of the one on record: a freeze or an exception counts if it held then. Tags of the
model are those that a policy of then was chosen by. Votes were given for the policy text of then. They are
taken as if the same people had voted the same on the changed one; whoever else it asks has not answered.
What it needs and nobody measured then makes the answer unknown, unless the rest settles it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from policies.book import PolicyBook
from policies.decide import decide
from policies.evaluate import evaluate
from policies.evidence.evidence import Evidence
from policies.implied import with_implied
from policies.language import Policy
from policies.problems import PolicyInvalid
from policies.rule import UPWARD, Rule
from policies.verdicts import Answer, Approval, Decision, Evaluation, Outcome, Severity, Verdict

TIMELESS = "it was taken by a release that recorded no moment"


class Result(StrEnum):
    """How the decision taken again compares with the one on record."""

    SAME = "same"
    OTHER = "other"
    UNKNOWN = "unknown"
    """Evidence that the changed policy needs was not recorded, or no one policy rules the model."""


@dataclass(frozen=True)
class GateChange:
    """A gate that says otherwise; None where the gate did not or does not exist."""

    gate: str
    before: Outcome | None
    after: Outcome | None
    sentence: str

    def __str__(self) -> str:
        before, after = self.before or "not asked", self.after or "not asked"
        return f"{self.gate}: {before} -> {after}: {self.sentence}"


@dataclass(frozen=True)
class Replay:
    """One decision taken again; `after` is None where it would not be judged, or is unknown."""

    result: Result
    before: Answer
    after: Answer | None
    reasons: tuple[str, ...]
    gates: tuple[GateChange, ...] = ()


def replay(
    book: PolicyBook,
    model: str,
    said: tuple[Evaluation, Decision],
    evidence: Evidence,
    votes: Iterable[Approval],
) -> Replay:
    """What the book's policies say of evidence that was judged before, and how that differs from `said`.

    Which policy rules a model may be unknown too: where several claim it alike.
    """
    evaluation, decision = said
    tags = decision.model_tags
    if decision.moment is None:
        return Replay(Result.UNKNOWN, decision.answer, None, (TIMELESS,))
    try:
        policy = book.for_model(model, None if tags is None else lambda: tags)
    except PolicyInvalid as invalid:
        return Replay(Result.UNKNOWN, decision.answer, None, tuple(map(str, invalid.problems)))
    rule = policy.rule_from(evaluation.transition.from_stage) if policy else None
    if policy is None or rule is None:
        why = f"no transition from {evaluation.transition.from_stage.lower()}" if policy else "no policy"
        return Replay(Result.OTHER, decision.answer, None, (f"{why} for {model}: it is left alone",))
    again = evaluate(policy, rule, evidence)
    given = [
        vote.model_copy(update={"policy_digest": policy.digest})
        for vote in votes
        if vote.policy_digest == evaluation.policy_digest
    ]
    answered = decide(
        policy,
        rule,
        again,
        given,
        authors=book.authors(evidence.candidate.authors),
        groups=book.groups,
        moment=decision.moment,
    )
    return _compared(said, (again, answered), _unrecorded(policy, rule, evidence, again.verdicts))


def by_a_rule(evaluation: Evaluation, decision: Decision) -> bool:
    """Whether a rule of a policy was asked: not where a move only undoes another, or a person decided."""
    move = evaluation.transition
    return (
        decision.act is None
        and move.from_stage in UPWARD
        and move.to_stage in UPWARD[UPWARD.index(move.from_stage) + 1 :]
    )


def _compared(
    before: tuple[Evaluation, Decision], after: tuple[Evaluation, Decision], unknown: Sequence[Verdict]
) -> Replay:
    answer, answered = before[1].answer, after[1]
    if unknown and answered.answer is Answer.HOLD:
        return Replay(Result.UNKNOWN, answer, None, tuple(verdict.sentence for verdict in unknown))
    result = Result.SAME if answered.answer is answer else Result.OTHER
    changes = _changes(before[0].verdicts, after[0].verdicts)
    return Replay(result, answer, answered.answer, answered.reasons, changes)


def _unrecorded(policy: Policy, rule: Rule, evidence: Evidence, verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Blocking gates that could not be judged as what they need was never asked for."""
    gates = with_implied(rule.gates, policy.datasets)
    lacking = {gate.label for gate in gates if any(n.key not in evidence.findings for n in gate.needs())}
    errors = (v for v in verdicts if v.outcome is Outcome.ERROR and v.severity is Severity.BLOCK)
    return [verdict for verdict in errors if verdict.gate in lacking]


def _changes(before: Sequence[Verdict], after: Sequence[Verdict]) -> tuple[GateChange, ...]:
    """Gates whose outcome is another, in the order of the new policy; those that are gone come last."""
    then = {verdict.gate: verdict for verdict in before}
    changes = []
    for verdict in after:
        known = then.pop(verdict.gate, None)
        if known is None or known.outcome is not verdict.outcome:
            outcome = known.outcome if known else None
            changes.append(GateChange(verdict.gate, outcome, verdict.outcome, verdict.sentence))
    gone = [GateChange(v.gate, v.outcome, None, v.sentence) for v in then.values()]
    return (*changes, *gone)
