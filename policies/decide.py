"""Evaluation and approvals -> Decision: promote, reject, hold or ask, worst first. Pure.

A gate that failed rejects; a reviewer's no rejects; what could not be judged holds; what the data cannot
say, and what people must agree to, asks; only then promote. Doing any of it is left to `workers`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from policies.approvals import Groups, may_vote, unfilled, valid_votes
from policies.language import ApprovalRule, Policy, Rule
from policies.verdicts import Answer, Approval, Decision, Evaluation, Outcome, Severity, Step, Verdict, Vote

ANYONE = ApprovalRule()
"""One reviewer, whoever: asked where a person must look and the policy names none."""


def decide(
    policy: Policy,
    rule: Rule,
    evaluation: Evaluation,
    approvals: Iterable[Approval] = (),
    *,
    authors: frozenset[str],
    groups: Groups,
) -> Decision:
    """What the policy says, with its reasons, worst first.

    `authors` are the names of whoever made the candidate, `groups` the members of each reviewers' group.
    Raises ValueError for an evaluation of another policy text or another transition.
    """
    if (evaluation.policy_digest, evaluation.transition) != (policy.digest, rule.transition):
        raise ValueError(f"this evaluation is not of {policy.name}, {rule.transition}, as it stands now")
    votes = valid_votes(approvals, evaluation, authors)
    return _Judgement(policy, rule, evaluation, votes=votes, groups=groups).decision()


@dataclass(frozen=True)
class _Judgement:
    """All that one decision rests on."""

    policy: Policy
    rule: Rule
    evaluation: Evaluation
    votes: Mapping[str, Approval]
    groups: Groups

    def decision(self) -> Decision:
        """The first that applies, worst first."""
        failed, noes = self._blocking(Outcome.FAIL), self._noes()
        unclear = self._blocking(Outcome.INCONCLUSIVE)
        unlikely = [verdict for verdict in unclear if verdict.on_inconclusive == "reject"]
        if failed or noes:
            return self._answer(Answer.REJECT, [*_sentences(failed), *noes, *_sentences(unclear)])
        if unjudged := self._blocking(Outcome.ERROR):
            return self._answer(Answer.HOLD, _sentences([*unjudged, *unclear]))
        if unlikely:
            return self._answer(Answer.REJECT, _sentences(unlikely))
        return self._asked_or_promoted([*_sentences(unclear), *self._doubts()])

    def _asked_or_promoted(self, doubts: list[str]) -> Decision:
        """Doubts want a person, besides whoever the policy wants anyway."""
        yeses = {name: vote for name, vote in self.votes.items() if vote.vote is Vote.APPROVE}
        missing = unfilled(yeses, self._entries(person_needed=bool(doubts)), self.groups)
        if missing:
            asked = tuple(str(entry) for entry in missing)
            waiting = f"waiting for approval by {', '.join(asked)}"
            decision = self._answer(Answer.ASK, [*doubts, self._passed(), waiting])
            count = sum(entry.count for entry in missing)
            return decision.model_copy(update={"missing_approvals": count, "asked": asked})
        approved = [_said("approved", vote) for vote in yeses.values()]
        return self._answer(Answer.PROMOTE, [*doubts, self._passed(), *approved])

    def _entries(self, *, person_needed: bool) -> Sequence[ApprovalRule]:
        """Whose approval is wanted; a first version that may go by itself needs none."""
        if person_needed:
            return self.rule.approvals or (ANYONE,)
        by_itself = self.evaluation.rubber_stamp and self.rule.first_version == "promote"
        return () if by_itself else self.rule.approvals

    def _doubts(self) -> list[str]:
        """Why a person must look although nothing speaks against the candidate."""
        reasons = []
        judged = [v for v in self.evaluation.verdicts if v.outcome is not Outcome.SKIP and _blocks(v)]
        if not judged:
            reasons.append("no gate was judged, so nothing speaks for a promotion")
        if self.evaluation.rubber_stamp and self.rule.first_version == "ask":
            reasons.append("a first version: there is no champion to compare with")
        return reasons

    def _noes(self) -> list[str]:
        """What reviewers who may say no have said."""
        noes = [(name, vote) for name, vote in self.votes.items() if vote.vote is Vote.REJECT]
        return [_said("rejected", v) for name, v in noes if may_vote(name, self.rule.approvals, self.groups)]

    def _passed(self) -> str:
        """How many gates spoke for it, of those that had anything to judge."""
        judged = [v for v in self.evaluation.verdicts if v.outcome is not Outcome.SKIP]
        passed = sum(verdict.outcome is Outcome.PASS for verdict in judged)
        first = "; a first version, with no champion to compare with" if self.evaluation.rubber_stamp else ""
        return f"{passed} of {len(judged)} gates passed{first}"

    def _blocking(self, outcome: Outcome) -> list[Verdict]:
        return [v for v in self.evaluation.verdicts if v.outcome is outcome and _blocks(v)]

    def _warnings(self) -> list[str]:
        fine = {Outcome.PASS, Outcome.SKIP}
        warnings = [v for v in self.evaluation.verdicts if v.outcome not in fine and not _blocks(v)]
        return [f"warning: {sentence}" for sentence in _sentences(warnings)]

    def _answer(self, answer: Answer, reasons: list[str]) -> Decision:
        audit = ["audit mode: nothing is moved"] if self.policy.mode == "audit" else []
        return Decision(
            answer=answer,
            reasons=(*reasons, *self._warnings(), *audit),
            steps=self._steps(answer),
            rubber_stamp=self.evaluation.rubber_stamp,
        )

    def _steps(self, answer: Answer) -> tuple[Step, ...]:
        following = {Answer.PROMOTE: self.rule.on_pass, Answer.REJECT: self.rule.on_fail}.get(answer, ())
        steps = tuple(consequence.step() for consequence in following)
        return steps if self.policy.mode == "enforce" else tuple(s for s in steps if s.kind == "notify")


def _blocks(verdict: Verdict) -> bool:
    return verdict.severity is Severity.BLOCK


def _sentences(verdicts: Iterable[Verdict]) -> list[str]:
    """Each sentence, after the name of its gate where it does not begin with that anyway."""
    return [v.sentence if v.sentence.startswith(v.gate) else f"{v.gate}: {v.sentence}" for v in verdicts]


def _said(what: str, vote: Approval) -> str:
    return f"{what} by {vote.reviewer}" + (f": {vote.comment}" if vote.comment else "")
