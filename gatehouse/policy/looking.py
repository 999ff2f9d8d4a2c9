"""What the author's tools look at: the policies below the paths that were named, as one book."""

from collections.abc import Sequence
from pathlib import Path

import click

from policies.book import PolicyBook
from policies.gates.registered import from_packages
from policies.language import Policy
from policies.load import is_companion, load_policies, load_policy
from policies.problems import PolicyInvalid, Problem

DEFAULT = Path("policies/definitions")

paths_argument = click.argument(
    "paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[FILE|FOLDER]..."
)


def look(paths: Sequence[Path]) -> PolicyBook:
    """All policies below the paths as one book. Raises UsageError where there is nothing to look at."""
    if not paths and not DEFAULT.is_dir():
        raise click.UsageError(f"there is no folder {DEFAULT} here; name a policy file or a folder of them")
    policies: list[Policy] = []
    problems: list[Problem] = []
    for path in paths or (DEFAULT,):
        found = _found(path)
        policies += [one for one in found.policies if one.path not in {p.path for p in policies}]
        problems += found.problems
    book = PolicyBook.of(policies, problems=problems)
    if not book.policies and not book.problems:
        raise click.UsageError(f"no policy file in {', '.join(str(path) for path in paths or (DEFAULT,))}")
    return book


def look_at_file(path: Path) -> Policy:
    """One policy, of a file or of the folder whose only one it is. Raises PolicyInvalid, UsageError."""
    if not path.is_dir():
        return load_policy(path)
    book = look([path])
    if book.problems:
        raise PolicyInvalid(book.problems)
    if len(book.policies) > 1:
        raise click.UsageError(f"{path} holds {len(book.policies)} policies; name the file of one")
    return book.policies[0]


def tell_of_unusable_gates() -> None:
    """Say on standard error which installed packages offer gates that cannot be used."""
    for unusable in from_packages().unusable:
        click.secho(f"warning: {unusable}", fg="yellow", err=True)


def count(number: int, singular: str, plural: str) -> str:
    """How many of what."""
    return f"{number:,} {singular if number == 1 else plural}"


def _found(path: Path) -> PolicyBook:
    if path.is_dir():
        return load_policies(path)
    if is_companion(path):
        return PolicyBook()
    try:
        return PolicyBook(policies=(load_policy(path),))
    except PolicyInvalid as invalid:
        return PolicyBook(problems=invalid.problems)
