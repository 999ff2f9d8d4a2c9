"""A policy's own tests: `cases.yaml` beside it gives evidence in a person's words and the answer due.

Written by those who write the policy; run without a server, a model or a data set. Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from policies.case_file import Case, CaseFile
from policies.decide import decide
from policies.evaluate import evaluate
from policies.evidence.told import CaseUnfit
from policies.language import Policy, Rule
from policies.moment import Moment
from policies.parse import typed
from policies.problems import suggest
from policies.source import Source, read_source
from policies.verdicts import Approval, Decision, Evaluation, Outcome, Step, Vote

ONE_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
"""The time of a case that names none: before every exception's end."""


@dataclass(frozen=True)
class CaseResult:
    """What one case found; it passed if nothing differs."""

    case: str
    differences: tuple[str, ...] = ()
    place: str = ""
    """Where the case stands, as file:line:column."""

    @property
    def passed(self) -> bool:
        """Whether the policy said what was due."""
        return not self.differences


def run_cases(policy: Policy, raw: bytes | str, *, file: str) -> list[CaseResult]:
    """Every case of a file, judged by a policy. Raises PolicyInvalid for a file that cannot be read."""
    source = read_source(raw, file)
    book = typed(CaseFile, source, source.problems)
    return [
        CaseResult(case.case, tuple(_differences(policy, case, book.groups)), _place(source, number))
        for number, case in enumerate(book.cases)
    ]


def _place(source: Source, number: int) -> str:
    line, column = source.place(("cases", number))
    return f"{source.file}:{line}:{column}"


def _differences(policy: Policy, case: Case, groups: dict[str, frozenset[str]]) -> Iterator[str]:
    rule = policy.rule_from(case.stage)
    if rule is None:
        yield f"the policy has no transition from {case.stage.lower()}"
        return
    if case.soaked is not None and rule.soak is None:
        yield f"nothing soaks in {case.stage.lower()} by this policy, take 'soaked' out"
    if case.waited is not None and not any(e.expires or e.escalate for e in rule.approvals):
        yield "no request for approval here expires or escalates, take 'waited' out"
    yield from (f"no gate here asks for {name}" for name in case.given.unasked(policy, rule))
    try:
        evidence = case.given.evidence(policy, rule)
    except CaseUnfit as unfit:
        yield str(unfit)
        return
    evaluation = evaluate(policy, rule, evidence)
    decision = _decided(policy, rule, evaluation, case, groups)
    if decision.answer is not case.answer:
        reasons = "; ".join(decision.reasons)
        yield f"the answer is {decision.answer}, not {case.answer}: {reasons}"
    yield from _other_gates(evaluation, case)
    yield from _impossible_steps(rule, case) or _other_steps(decision, case)


def _decided(
    policy: Policy, rule: Rule, evaluation: Evaluation, case: Case, groups: dict[str, frozenset[str]]
) -> Decision:
    votes = {**dict.fromkeys(case.approved_by, Vote.APPROVE), **dict.fromkeys(case.rejected_by, Vote.REJECT)}
    at = ONE_MOMENT if case.at is None else case.at
    approvals = [
        Approval(
            reviewer=reviewer,
            vote=vote,
            evidence_digest=evaluation.evidence_digest,
            policy_digest=evaluation.policy_digest,
            at=at,
        )
        for reviewer, vote in votes.items()
    ]
    soaked = (rule.soak or timedelta()) if case.soaked is None else case.soaked
    asked = at - case.waited if case.waited else None
    moment = Moment(now=at, entered=at - soaked, asked=asked)
    if case.at is None:
        rule = rule.model_copy(update={"freeze": None})
    return decide(
        policy, rule, evaluation, approvals, authors=case.given.authors, groups=groups, moment=moment
    )


def _other_gates(evaluation: Evaluation, case: Case) -> Iterator[str]:
    if case.gates is None:
        return
    due = dict(case.gates)
    for verdict in evaluation.verdicts:
        fine = verdict.outcome in {Outcome.PASS, Outcome.SKIP}
        wanted = due.pop(verdict.gate, verdict.outcome if fine else Outcome.PASS)
        if wanted is not verdict.outcome:
            yield f"the gate '{verdict.gate}' says {verdict.outcome}, not {wanted}: {verdict.sentence}"
    known = [verdict.gate for verdict in evaluation.verdicts]
    yield from (f"there is no gate '{name}', {suggest(name, known)}" for name in due)


def _other_steps(decision: Decision, case: Case) -> Iterator[str]:
    due = decision.steps if case.steps is None else tuple(step.step() for step in case.steps)
    if due != decision.steps:
        yield f"the steps are {_told(decision.steps)}, not {_told(due)}"


def _impossible_steps(rule: Rule, case: Case) -> list[str]:
    """Steps that are due and that no decision by the rule is ever followed by."""
    known = [_told((one.step(),)) for one in (*rule.on_pass, *rule.on_fail)]
    due = [_told((one.step(),)) for one in case.steps or ()]
    return [
        f"no decision here is followed by {one}, {suggest(one, known)}" for one in due if one not in known
    ]


def _told(steps: tuple[Step, ...]) -> str:
    return ", ".join(f"{s.kind} {s.target}{' (clearing it)' * s.archive_existing}" for s in steps) or "none"
