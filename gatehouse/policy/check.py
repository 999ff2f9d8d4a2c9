"""`gatehouse policy check`: every problem of policy files at once, for a person or for a machine."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from gatehouse import pages
from gatehouse.failures import Exit
from gatehouse.policy import junit
from gatehouse.policy.looking import count, look, paths_argument, tell_of_unusable_gates
from gatehouse.policy.problems import print_fine, print_problems
from gatehouse.policy.sarif import sarif
from policies.book import PolicyBook
from policies.problems import Problem
from policies.waiver_checks import ended_exceptions


@click.command(epilog="Example: gatehouse policy check policies/definitions/taxi-fare/policy.yaml")
@paths_argument
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "junit", "sarif"]),
    default="text",
    help="sarif is for code scanning, junit for a CI server.",
)
@click.option("--json", "machine", is_flag=True, help="The same as --format json.")
def check(paths: tuple[Path, ...], *, form: str, machine: bool) -> None:
    """Report every problem of policy files, each as file:line:column.

    Without a path it looks at policies/definitions. Exit code 0: fine, 1: problems, 2: wrong call.
    """
    book = look(paths)
    tell_of_unusable_gates()
    now = datetime.now(UTC)
    warnings = [warning for policy in book.policies for warning in ended_exceptions(policy, now)]
    match "json" if machine else form:
        case "json":
            _print_json(book, warnings)
        case "junit":
            click.echo(junit.of_check(book))
        case "sarif":
            pages.as_json(sarif(book.problems, warnings))
        case _:
            _print_text(book, warnings)
    raise SystemExit(Exit.NO if book.problems else Exit.FINE)


def _print_text(book: PolicyBook, warnings: Sequence[Problem]) -> None:
    print_problems(book.problems)
    print_problems(warnings, colour="yellow")
    if not book.problems:
        names = ", ".join(one.name for one in book.policies)
        print_fine(f"{count(len(book.policies), 'policy', 'policies')} fine: {names}")


def _print_json(book: PolicyBook, warnings: Sequence[Problem]) -> None:
    told = [{"policy": p.name, "file": str(p.path), "models": p.models} for p in book.policies]
    problems, warned = ([each.model_dump() for each in found] for found in (book.problems, warnings))
    pages.as_json({"ok": not problems, "policies": told, "problems": problems, "warnings": warned})
