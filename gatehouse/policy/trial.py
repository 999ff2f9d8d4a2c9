"""`gatehouse policy test`: the cases beside policy files, answered by the policies themselves."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from gatehouse import pages
from gatehouse.failures import Exit
from gatehouse.policy import junit
from gatehouse.policy.looking import count, look, paths_argument
from gatehouse.policy.problems import print_fine, print_problems
from policies.cases import CaseResult, run_cases
from policies.language import Policy
from policies.load import cases_path, read
from policies.problems import PolicyInvalid, Problem

Results = Sequence[tuple[Policy, CaseResult]]


@click.command(epilog="Example: gatehouse policy test policies/definitions/taxi-fare/policy.yaml")
@paths_argument
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "junit"]),
    default="text",
    help="junit is for a CI server.",
)
@click.option("--json", "machine", is_flag=True, help="The same as --format json.")
def test(paths: tuple[Path, ...], *, form: str, machine: bool) -> None:
    """Run the cases beside policy files: given this evidence, does the policy answer as its authors mean?

    Cases of FOLDER/policy.yaml stand in FOLDER/cases.yaml, those of NAME.yaml in NAME.cases.yaml; a policy
    without cases is a problem. Exit code 0: fine, 1: problems or other answers, 2: wrong call.
    """
    book = look(paths)
    problems, results = list(book.problems), []
    for one in book.policies:
        try:
            results += [(one, result) for result in _run(one)]
        except PolicyInvalid as invalid:
            problems += invalid.problems
    passed = not problems and all(result.passed for _, result in results)
    match "json" if machine else form:
        case "json":
            told = [problem.model_dump() for problem in problems]
            pages.as_json({"ok": passed, "cases": [_plain(*one) for one in results], "problems": told})
        case "junit":
            click.echo(junit.of_test(results, problems))
        case _:
            print_problems(problems)
            _print_results(results)
    raise SystemExit(Exit.FINE if passed else Exit.NO)


def _run(one: Policy) -> list[CaseResult]:
    path = cases_path(one.path)
    if not path.exists():
        what = f"the policy '{one.name}' has no cases"
        problem = Problem(file=str(one.path), line=1, column=1, what=what, instead=f"write some into {path}")
        raise PolicyInvalid([problem])
    return run_cases(one, read(path), file=str(path))


def _print_results(results: Results) -> None:
    for one, result in results:
        mark = click.style("pass", fg="green") if result.passed else click.style("FAIL", fg="red", bold=True)
        click.echo(f"{mark}  {one.name}: {result.case}")
        for difference in result.differences:
            click.echo(f"      {result.place}: {difference}")
    failed = sum(not result.passed for _, result in results)
    if failed:
        click.echo(f"{failed} of {count(len(results), 'case', 'cases')} answered otherwise")
    elif results:
        print_fine(f"{count(len(results), 'case', 'cases')} answered as written")


def _plain(one: Policy, result: CaseResult) -> dict[str, Any]:
    told = {"policy": one.name, "case": result.case, "place": result.place, "passed": result.passed}
    return {**told, "differences": result.differences}
