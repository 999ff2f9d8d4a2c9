"""The policies in force: what each says, how its cases come out, what it would have said before."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from ledger.recorded import Recorded, newest_by_policy
from policies.backtest import Result, by_a_rule, replay
from policies.book import PolicyBook
from policies.cases import CaseResult, run_cases
from policies.language import Policy
from policies.load import cases_path, read
from policies.outline import Outline, outline
from policies.problems import PolicyInvalid, Problem
from policies.verdicts import Answer, Transition
from registry.words import Value

AGAIN = 40
"""So many of the newest decisions are taken again."""
UNREADABLE = "its evidence was written by another release, in a form that this one cannot read"


class PolicyLine(Value):
    """A policy in the list; `broken` if its file cannot be read now and its last good text is in force."""

    name: str
    description: str
    owners: tuple[str, ...]
    models: tuple[str, ...]
    mode: str
    digest: str
    broken: bool


class Policies(Value):
    """All that are in force, by name, and what is wrong with any of their files."""

    policies: tuple[PolicyLine, ...]
    problems: tuple[Problem, ...]
    groups: dict[str, tuple[str, ...]]


class CasesRun(Value):
    """The cases beside a policy, with what each found; or why there are none to be shown."""

    results: tuple[CaseResult, ...] = ()
    untold: str = ""

    @property
    def passed(self) -> int:
        """Those that were answered as written."""
        return sum(result.passed for result in self.results)


class Again(Value):
    """A decision that would be another, or cannot be told; `after` is None where nothing would be judged."""

    model: str
    version: int
    at: datetime
    transition: Transition
    result: Result
    before: Answer
    after: Answer | None
    why: tuple[str, ...]


class Backtest(Value):
    """The newest decisions of a policy, taken again by the text in force; only what differs is listed."""

    decisions: int
    counts: dict[Result, int]
    differing: tuple[Again, ...]


class PolicyPage(Value):
    """One policy in force."""

    line: PolicyLine
    outline: Outline
    text: str
    problems: tuple[Problem, ...]
    cases: CasesRun
    backtest: Backtest


def policies(book: PolicyBook) -> Policies:
    """The list."""
    lines = sorted((_line(book, policy) for policy in book.policies), key=lambda line: line.name.casefold())
    groups = {name: tuple(sorted(members)) for name, members in sorted(book.groups.items())}
    return Policies(policies=tuple(lines), problems=_problems(book), groups=groups)


def policy_page(session: Session, book: PolicyBook, name: str) -> PolicyPage | None:
    """One policy; None if none of this name is in force."""
    policy = next((policy for policy in book.policies if policy.name == name), None)
    if policy is None:
        return None
    return PolicyPage(
        line=_line(book, policy),
        outline=outline(policy),
        text=policy.text,
        problems=tuple(problem for problem in _problems(book) if problem.file == str(policy.path)),
        cases=_cases(policy),
        backtest=_backtest(book, newest_by_policy(session, name, AGAIN)),
    )


def _line(book: PolicyBook, policy: Policy) -> PolicyLine:
    return PolicyLine(
        name=policy.name,
        description=policy.description,
        owners=tuple(policy.owners),
        models=tuple(policy.models),
        mode=policy.mode,
        digest=policy.digest,
        broken=any(broken.last_good is policy for broken in book.broken),
    )


def _problems(book: PolicyBook) -> tuple[Problem, ...]:
    told = dict.fromkeys([*book.problems, *(p for broken in book.broken for p in broken.problems)])
    return tuple(told)


def _cases(policy: Policy) -> CasesRun:
    path = cases_path(policy.path)
    if not path.exists():
        return CasesRun(untold=f"There is no {path.name} beside {policy.path.name} where the console runs.")
    try:
        return CasesRun(results=tuple(run_cases(policy, read(path), file=path.name)))
    except PolicyInvalid as invalid:
        return CasesRun(untold="; ".join(map(str, invalid.problems)))


def _backtest(book: PolicyBook, past: Sequence[Recorded]) -> Backtest:
    again = [_again(book, one) for one in past if by_a_rule(one.judgement.evaluation, one.judgement.decision)]
    counts = Counter(one.result for one in again)
    return Backtest(
        decisions=len(again),
        counts={result: counts[result] for result in Result},
        differing=tuple(one for one in again if one.result is not Result.SAME),
    )


def _again(book: PolicyBook, one: Recorded) -> Again:
    judged = one.judgement
    said = (judged.evaluation, judged.decision)
    of = {"model": judged.model, "version": judged.version, "at": judged.at}
    of |= {"transition": judged.evaluation.transition, "before": judged.decision.answer}
    if one.evidence is None:
        return Again.model_validate(of | {"result": Result.UNKNOWN, "after": None, "why": (UNREADABLE,)})
    found = replay(book, judged.model, said, one.evidence, one.votes)
    why = tuple(map(str, found.gates)) or found.reasons
    return Again.model_validate(of | {"result": found.result, "after": found.after, "why": why})
