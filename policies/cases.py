"""A policy's own tests: `cases.yaml` beside it gives evidence in a person's words and the answer due.

Written by those who write the policy; run without a server, a model or a data set. Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from policies.decide import decide
from policies.evaluate import evaluate
from policies.evidence.told import CaseUnfit
from policies.given import Given
from policies.language import Policy, Rule
from policies.moment import Moment
from policies.parse import typed
from policies.problems import suggest
from policies.quantities import Span, Text
from policies.section import Section, refuse
from policies.source import Source, read_source
from policies.steps import AnyStep, StageName
from policies.verdicts import Answer, Approval, Decision, Evaluation, Outcome, Step, Vote
from policies.walltime import Timestamp
from policies.wording import shown

ONE_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
"""The time of a case that names none: before every exception's end."""


def _choice(known: type[Answer] | type[Outcome]) -> BeforeValidator:
    words = [choice.value for choice in known]

    def read(given: Any) -> Any:
        if given not in words:
            raise refuse(f"{shown(given)} is not known here", suggest(str(given), words))
        return known(given)

    written = Annotated[str, Field(json_schema_extra={"enum": [*words]})]
    return BeforeValidator(read, json_schema_input_type=written)


class Case(Section):
    """One situation, and what the policy must say of it."""

    case: Text = Field(description="The situation in a sentence.")
    stage: StageName = Field(alias="from", description="The stage that the candidate is in.")
    given: Given = Field(default_factory=Given, description="What is known of candidate and champion.")
    at: Timestamp | None = Field(
        None,
        description="When, in UTC: 2026-12-24 10:00. Without it no freeze holds and no exception has ended.",
    )
    soaked: Span | None = Field(
        None, description="How long it has been in its stage; without it long enough."
    )
    approved_by: tuple[Text, ...] = Field((), description="Reviewers who said yes to exactly this.")
    rejected_by: tuple[Text, ...] = Field((), description="Reviewers who said no.")
    answer: Annotated[Answer, _choice(Answer)] = Field(description="promote, reject, hold or ask.")
    gates: dict[str, Annotated[Outcome, _choice(Outcome)]] | None = Field(
        None, description="Every gate that neither passes nor skips, with its outcome."
    )
    steps: tuple[AnyStep, ...] | None = Field(None, description="What follows, written as in the policy.")


class CaseFile(Section):
    """What `cases.yaml` may say."""

    groups: dict[str, frozenset[Text]] = Field(default_factory=dict, description="Groups of reviewers.")
    cases: Annotated[tuple[Case, ...], Field(min_length=1)] = Field(description="One entry per situation.")


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
    yield from _other_steps(decision, case)


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
    moment = Moment(
        now=at, entered=at - (rule.soak or timedelta()) if case.soaked is None else at - case.soaked
    )
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


def _told(steps: tuple[Step, ...]) -> str:
    return ", ".join(f"{s.kind} {s.target}{' (clearing it)' * s.archive_existing}" for s in steps) or "none"
