"""`gatehouse policy check|test`: what an author asks of a policy before anyone else sees it. No server."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from policies.book import PolicyBook
from policies.cases import CaseResult, run_cases
from policies.language import Policy
from policies.load import cases_path, is_companion, load_policies, load_policy, read
from policies.problems import PolicyInvalid, Problem
from policies.waiver_checks import ended_exceptions

DEFAULT = Path("policies/definitions")
paths_argument = click.argument(
    "paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[FILE|FOLDER]..."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")


@click.group(epilog="Example: gatehouse policy check")
def policy() -> None:
    """Check and test policy files; no server is needed."""


@policy.command(epilog="Example: gatehouse policy check policies/definitions/taxi-fare/policy.yaml")
@paths_argument
@json_option
@click.pass_context
def check(ctx: click.Context, paths: tuple[Path, ...], *, as_json: bool) -> None:
    """Report every problem of policy files, each as file:line:column.

    Without a path it looks at policies/definitions. Exit code 0: fine, 1: problems, 2: wrong call.
    """
    book = _book(paths)
    warnings = [warning for p in book.policies for warning in ended_exceptions(p, datetime.now(UTC))]
    told = [{"policy": p.name, "file": str(p.path), "models": p.models} for p in book.policies]
    if as_json:
        _print_json(
            ok=not book.problems, policies=told, problems=_plain(book.problems), warnings=_plain(warnings)
        )
    else:
        _print_problems(book.problems)
        _print_problems(warnings, colour="yellow")
        if not book.problems:
            _print_fine(
                f"{_count(len(told), 'policy', 'policies')} fine: {', '.join(p.name for p in book.policies)}"
            )
    ctx.exit(1 if book.problems else 0)


@policy.command(epilog="Example: gatehouse policy test policies/definitions/taxi-fare/policy.yaml")
@paths_argument
@json_option
@click.pass_context
def test(ctx: click.Context, paths: tuple[Path, ...], *, as_json: bool) -> None:
    """Run the cases beside policy files: given this evidence, does the policy answer as its authors mean?

    Cases of FOLDER/policy.yaml stand in FOLDER/cases.yaml, those of NAME.yaml in NAME.cases.yaml; a policy
    without cases is a problem. Exit code 0: fine, 1: problems or other answers, 2: wrong call.
    """
    book = _book(paths)
    problems, results = list(book.problems), []
    for one in book.policies:
        try:
            results += [(one, result) for result in _run(one)]
        except PolicyInvalid as invalid:
            problems += invalid.problems
    passed = not problems and all(result.passed for _, result in results)
    if as_json:
        _print_json(ok=passed, cases=[_case(*one) for one in results], problems=_plain(problems))
    else:
        _print_problems(problems)
        _print_results(results)
    ctx.exit(0 if passed else 1)


def _book(paths: Sequence[Path]) -> PolicyBook:
    """All policies below the paths as one book. Raises UsageError where there is nothing to look at."""
    if not paths and not DEFAULT.is_dir():
        raise click.UsageError(f"there is no folder {DEFAULT} here; name a policy file or a folder of them")
    policies: list[Policy] = []
    problems: list[Problem] = []
    for path in paths or (DEFAULT,):
        found = _look(path)
        policies += [one for one in found.policies if one.path not in {p.path for p in policies}]
        problems += found.problems
    book = PolicyBook.of(policies, problems=problems)
    if not book.policies and not book.problems:
        raise click.UsageError(f"no policy file in {', '.join(str(path) for path in paths or (DEFAULT,))}")
    return book


def _look(path: Path) -> PolicyBook:
    if path.is_dir():
        return load_policies(path)
    if is_companion(path):
        return PolicyBook()
    try:
        return PolicyBook(policies=(load_policy(path),))
    except PolicyInvalid as invalid:
        return PolicyBook(problems=invalid.problems)


def _run(one: Policy) -> list[CaseResult]:
    path = cases_path(one.path)
    if not path.exists():
        what = f"the policy '{one.name}' has no cases"
        problem = Problem(file=str(one.path), line=1, column=1, what=what, instead=f"write some into {path}")
        raise PolicyInvalid([problem])
    return run_cases(one, read(path), file=str(path))


def _print_problems(problems: Iterable[Problem], *, colour: str = "red") -> None:
    for problem in problems:
        place, _, said = str(problem).partition(": ")
        click.echo(f"{click.style(place, bold=True)}: {click.style(said, fg=colour)}")


def _print_results(results: Sequence[tuple[Policy, CaseResult]]) -> None:
    for one, result in results:
        mark = click.style("pass", fg="green") if result.passed else click.style("FAIL", fg="red", bold=True)
        click.echo(f"{mark}  {one.name}: {result.case}")
        for difference in result.differences:
            click.echo(f"      {difference}")
    failed = sum(not result.passed for _, result in results)
    if failed:
        click.echo(f"{failed} of {_count(len(results), 'case', 'cases')} answered otherwise")
    elif results:
        _print_fine(f"{_count(len(results), 'case', 'cases')} answered as written")


def _print_fine(text: str) -> None:
    click.echo(click.style(text, fg="green"))


def _print_json(**fields: Any) -> None:
    click.echo(json.dumps(fields, indent=2))


def _plain(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    return [problem.model_dump() for problem in problems]


def _case(one: Policy, result: CaseResult) -> dict[str, Any]:
    told = {"policy": one.name, "case": result.case, "passed": result.passed}
    return {**told, "differences": result.differences}


def _count(number: int, singular: str, plural: str) -> str:
    return f"{number:,} {singular if number == 1 else plural}"
