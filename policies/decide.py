"""Evaluation and approvals -> Decision: promote, reject, hold or ask, worst first. Pure.

A gate that failed rejects; a reviewer's no rejects; what could not be judged holds; what the data cannot
say, and what people must agree to, asks; a soak or a freeze holds until its time is over; only then promote.
A gate that the policy excepts for now stops nothing. Doing any of it is left to `workers`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from policies.approvals import Groups, may_vote, unfilled, valid_votes
from policies.asking import last_reminder, next_change, overdue, unanswered
from policies.language import ApprovalRule, Policy, Rule
from policies.moment import Moment
from policies.soak import waits
from policies.verdicts import (
    Answer,
    Approval,
    Decision,
    Evaluation,
    OnInconclusive,
    Outcome,
    Severity,
    Step,
    Verdict,
    Vote,
)
from policies.waivers import Waivers

ANYONE = ApprovalRule()
"""One reviewer, whoever: asked where a person must look and the policy names none."""


def decide(  # noqa: PLR0913 all that a decision rests on, each by its name
    policy: Policy,
    rule: Rule,
    evaluation: Evaluation,
    approvals: Iterable[Approval] = (),
    *,
    authors: frozenset[str],
    groups: Groups,
    moment: Moment,
) -> Decision:
    """What the policy says at a moment, with its reasons, worst first.

    `authors` are the names of whoever made the candidate, `groups` the members of each reviewers' group.
    Raises ValueError for an evaluation of another policy text or another transition.
    """
    if (evaluation.policy_digest, evaluation.transition) != (policy.digest, rule.transition):
        raise ValueError(f"this evaluation is not of {policy.name}, {rule.transition}, as it stands now")
    votes = valid_votes(approvals, evaluation, authors)
    return _Judgement(policy, rule, evaluation, votes=votes, groups=groups, moment=moment).decision()


@dataclass(frozen=True)
class _Judgement:
    """All that one decision rests on."""

    policy: Policy
    rule: Rule
    evaluation: Evaluation
    votes: Mapping[str, Approval]
    groups: Groups
    moment: Moment

    def decision(self) -> Decision:
        """The first that applies, worst first."""
        failed, noes = self._blocking(Outcome.FAIL), self._noes()
        unclear = self._blocking(Outcome.INCONCLUSIVE)
        if failed or noes:
            return self._answer(Answer.REJECT, [*_sentences(failed), *noes, *_sentences(unclear)])
        if unjudged := self._blocking(Outcome.ERROR):
            return self._answer(Answer.HOLD, _sentences([*unjudged, *unclear]))
        if unlikely := self._unclear_to("reject"):
            return self._answer(Answer.REJECT, _sentences(unlikely))
        if self._unclear_to("hold"):
            return self._answer(Answer.HOLD, _sentences(unclear))
        return self._asked([*_sentences(unclear), *self._doubts()])

    def _asked(self, doubts: list[str]) -> Decision:
        """Doubts want a person, besides whoever the policy wants anyway."""
        yeses = {name: vote for name, vote in self.votes.items() if vote.vote is Vote.APPROVE}
        missing = unfilled(yeses, self._entries(person_needed=bool(doubts)), self.groups)
        if late := overdue(missing, self.moment):
            silent = [unanswered(entry, self.moment) for entry in late]
            return self._answer(Answer.REJECT, [*silent, *doubts, self._passed()])
        if missing:
            return self._waiting_for(missing, doubts)
        approved = [_said("approved", vote) for vote in yeses.values()]
        return self._held_or_promoted([*doubts, self._passed(), *approved])

    def _waiting_for(self, missing: Sequence[ApprovalRule], doubts: list[str]) -> Decision:
        asked = tuple(str(entry) for entry in missing)
        waiting = f"waiting for approval by {', '.join(asked)}"
        decision = self._answer(Answer.ASK, [*doubts, self._passed(), waiting])
        changes = (next_change(missing, self.moment), self.waivers.end(self.evaluation.verdicts))
        return decision.model_copy(
            update={
                "missing_approvals": sum(entry.count for entry in missing),
                "asked": asked,
                "until": min((at for at in changes if at), default=None),
                "reminder": last_reminder(missing, self.moment),
            }
        )

    def _held_or_promoted(self, reasons: list[str]) -> Decision:
        """Nothing speaks against it any more but the time."""
        until, waiting = waits(self.rule, self.moment)
        if not waiting:
            return self._answer(Answer.PROMOTE, reasons)
        return self._answer(Answer.HOLD, [*waiting, *reasons]).model_copy(update={"until": until})

    def _entries(self, *, person_needed: bool) -> Sequence[ApprovalRule]:
        """Whose approval is wanted; a first version that may go by itself needs none."""
        if person_needed:
            return self.rule.approvals or (ANYONE,)
        by_itself = self.evaluation.rubber_stamp and self.rule.first_version == "promote"
        return () if by_itself else self.rule.approvals

    def _doubts(self) -> list[str]:
        """Why a person must look although nothing speaks against the candidate."""
        reasons = []
        judged = (v for v in self.evaluation.verdicts if v.outcome is not Outcome.SKIP and _blocks(v))
        if not any(verdict not in self._waived for verdict in judged):
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

    @cached_property
    def waivers(self) -> Waivers:
        """The policy's exceptions as they stand at this moment."""
        return Waivers(self.policy.exceptions, self.moment.now)

    @cached_property
    def _waived(self) -> list[Verdict]:
        return [verdict for verdict in self._unfine if self.waivers.of(verdict)]

    @property
    def _unfine(self) -> list[Verdict]:
        fine = {Outcome.PASS, Outcome.SKIP}
        return [verdict for verdict in self.evaluation.verdicts if verdict.outcome not in fine]

    def _blocking(self, outcome: Outcome) -> list[Verdict]:
        return [v for v in self._unfine if v.outcome is outcome and _blocks(v) and v not in self._waived]

    def _unclear_to(self, answer: OnInconclusive) -> list[Verdict]:
        """What the data cannot say, as far as this is to follow from it."""
        unclear = self._blocking(Outcome.INCONCLUSIVE)
        return [v for v in unclear if (v.on_inconclusive or self.rule.on_inconclusive) == answer]

    def _remarks(self) -> list[str]:
        """Warnings, and exceptions: those that count, and those that would have if they had not ended."""
        warnings = [v for v in self._unfine if not _blocks(v) and v not in self._waived]
        return [
            *(self.waivers.told(verdict, sentence) for verdict, sentence in _told(self._waived)),
            *(f"warning: {sentence}" for sentence in _sentences(warnings)),
            *self.waivers.ended(v for v in self._unfine if _blocks(v)),
        ]

    def _answer(self, answer: Answer, reasons: list[str]) -> Decision:
        audit = ["audit mode: nothing is moved"] if self.policy.mode == "audit" else []
        return Decision(
            answer=answer,
            reasons=(*reasons, *self._remarks(), *audit),
            steps=self._steps(answer),
            rubber_stamp=self.evaluation.rubber_stamp,
            moment=self.moment,
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


def _told(verdicts: Sequence[Verdict]) -> list[tuple[Verdict, str]]:
    return list(zip(verdicts, _sentences(verdicts), strict=True))


def _said(what: str, vote: Approval) -> str:
    return f"{what} by {vote.reviewer}" + (f": {vote.comment}" if vote.comment else "")
