"""Evaluation and approvals -> Decision: promote, reject, hold or ask, worst first. Pure.

A gate that failed rejects; a reviewer's no rejects; what could not be judged holds; what the data cannot
say, and what people must agree to, asks; a soak or a freeze holds until its time is over; only then promote.
A gate that the policy excepts for now stops nothing. Doing any of it is left to `workers`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from policies.approvals import Groups, Heard, groups_of, heard, may_vote, unfilled
from policies.asking import entries_at, last_reminder, next_change, overdue, unanswered
from policies.language import ApprovalRule, Policy, Rule
from policies.moment import Moment
from policies.soak import waits
from policies.verdicts import (
    Answer,
    Approval,
    Decision,
    Evaluation,
    Outcome,
    Step,
    Vote,
)
from policies.waivers import Waivers
from policies.weighed import Weighed, sentences

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
    said = heard(approvals, evaluation, authors)
    return _Judgement(
        policy, rule, evaluation, said=said, groups=groups, moment=_asked_at(moment, said)
    ).decision()


@dataclass(frozen=True)
class _Judgement:
    """All that one decision rests on."""

    policy: Policy
    rule: Rule
    evaluation: Evaluation
    said: Heard
    groups: Groups
    moment: Moment

    @cached_property
    def weighed(self) -> Weighed:
        """The verdicts, by the exceptions as they stand at this moment."""
        waivers = Waivers(self.policy.exceptions, self.moment.now)
        return Weighed(self.evaluation, waivers, self.rule.on_inconclusive)

    def decision(self) -> Decision:
        """The first that applies, worst first; of a model that is held nothing else is asked."""
        if self.moment.held:
            return self._answer(Answer.HOLD, [self.moment.held, self.weighed.tally])
        failed, noes = self.weighed.blocking(Outcome.FAIL), self._noes()
        unclear = self.weighed.blocking(Outcome.INCONCLUSIVE)
        if failed or noes:
            return self._answer(Answer.REJECT, [*sentences(failed), *noes, *sentences(unclear)])
        if unjudged := self.weighed.blocking(Outcome.ERROR):
            return self._answer(Answer.HOLD, sentences([*unjudged, *unclear]))
        if unlikely := self.weighed.unclear_to("reject"):
            return self._answer(Answer.REJECT, sentences(unlikely))
        if self.weighed.unclear_to("hold"):
            return self._answer(Answer.HOLD, sentences(unclear))
        return self._asked([*sentences(unclear), *self._doubts()])

    def _asked(self, doubts: list[str]) -> Decision:
        """Doubts want a person, besides whoever the policy wants anyway."""
        yeses = {name: vote for name, vote in self.said.votes.items() if vote.vote is Vote.APPROVE}
        people = {name: self._groups_of(name, vote) for name, vote in yeses.items()}
        missing = unfilled(people, self._entries(person_needed=bool(doubts)))
        if late := overdue(missing, self.moment):
            silent = [unanswered(entry, self.moment) for entry in late]
            no = self._answer(Answer.REJECT, [*silent, *doubts, self.weighed.tally])
            return no.model_copy(update={"late": "expired"})
        if missing:
            return self._waiting_for(missing, doubts)
        approved = [_said("approved", vote) for vote in yeses.values()]
        return self._held_or_promoted([*doubts, self.weighed.tally, *approved])

    def _waiting_for(self, missing: Sequence[ApprovalRule], doubts: list[str]) -> Decision:
        asked = tuple(str(entry) for entry in missing)
        waiting = f"waiting for approval by {', '.join(asked)}"
        decision = self._answer(Answer.ASK, [*doubts, self.weighed.tally, waiting])
        changes = (next_change(missing, self.moment), self.weighed.waivers.end(self.weighed.waived))
        return decision.model_copy(
            update={
                "late": "escalated" if self._asked_by_now != tuple(self.rule.approvals) else "",
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
            return self._asked_by_now or (ANYONE,)
        by_itself = self.evaluation.rubber_stamp and self.rule.first_version == "promote"
        return () if by_itself else self._asked_by_now

    @property
    def _asked_by_now(self) -> tuple[ApprovalRule, ...]:
        return entries_at(self.rule.approvals, self.moment)

    def _doubts(self) -> list[str]:
        """Why a person must look although nothing speaks against the candidate."""
        reasons = [_said("asked again", self.said.request)] if self.said.request else []
        if not self.weighed.judges:
            reasons.append("no gate was judged, so nothing speaks for a promotion")
        if self.evaluation.rubber_stamp and self.rule.first_version == "ask":
            reasons.append("the policy wants a person to see a first version")
        return reasons

    def _noes(self) -> list[str]:
        """What reviewers who may say no have said."""
        noes = [(name, vote) for name, vote in self.said.votes.items() if vote.vote is Vote.REJECT]
        entries = self._asked_by_now
        return [
            _said("rejected", vote) for name, vote in noes if may_vote(self._groups_of(name, vote), entries)
        ]

    def _groups_of(self, name: str, vote: Approval) -> frozenset[str]:
        """By the file as it stands, and by the sign-in as it stood when this was said."""
        return groups_of(name, self.groups, vote.groups)

    def _seats(self, name: str, vote: Approval) -> tuple[str, ...]:
        """The groups that somebody is in, of those that are ever asked."""
        asked = {group for entry in self.rule.approvals for group in entry.ever_asked}
        return tuple(sorted(self._groups_of(name, vote) & asked))

    def _answer(self, answer: Answer, reasons: list[str]) -> Decision:
        audit = ["audit mode: nothing is moved"] if self.policy.mode == "audit" else []
        return Decision(
            answer=answer,
            reasons=(*reasons, *self.weighed.remarks(), *audit),
            steps=self._steps(answer),
            rubber_stamp=self.evaluation.rubber_stamp,
            moment=self.moment,
            voters={vote.reviewer: self._seats(name, vote) for name, vote in self.said.votes.items()},
        )

    def _steps(self, answer: Answer) -> tuple[Step, ...]:
        following = {Answer.PROMOTE: self.rule.on_pass, Answer.REJECT: self.rule.on_fail}.get(answer, ())
        steps = tuple(consequence.step() for consequence in following)
        return steps if self.policy.mode == "enforce" else tuple(s for s in steps if s.kind == "notify")


def _asked_at(moment: Moment, said: Heard) -> Moment:
    """Whoever asks again begins the time anew in which people are to answer."""
    if said.request is None:
        return moment
    return moment.model_copy(update={"asked": max(moment.asked or said.request.at, said.request.at)})


def _said(what: str, vote: Approval) -> str:
    return f"{what} by {vote.reviewer}" + (f": {vote.comment}" if vote.comment else "")
