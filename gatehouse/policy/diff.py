"""`gatehouse policy diff`: what changes between two versions of policies, in words."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from gatehouse import pages
from gatehouse.policy.looking import DEFAULT, look
from gatehouse.policy.revision import at_revision
from policies.differences import Difference, differences
from policies.language import Policy
from policies.problems import PolicyInvalid

COLOURS = {"stricter": "green", "looser": "yellow", "": None}


@click.command(epilog="Example: gatehouse policy diff --since main policies/definitions")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[OLD] [NEW]")
@click.option("--since", metavar="REVISION", help="Compare with how NEW was at this revision of git.")
@click.option("--json", "machine", is_flag=True, help="Print JSON.")
def diff(paths: tuple[Path, ...], *, since: str | None, machine: bool) -> None:
    """Say what changes from OLD to NEW, two files or folders of policies, in words.

    Stricter or looser is said only where it is certain. Exit code 0: told, 1: a file cannot be read,
    2: wrong call.
    """
    found = _since(paths, since) if since else _between(paths)
    if machine:
        pages.as_json([asdict(one) for one in found])
        return
    for one in found:
        click.echo(click.style(str(one), fg=COLOURS[one.effect]))
    if not found:
        click.echo("Nothing changes.")


def _since(paths: tuple[Path, ...], revision: str) -> list[Difference]:
    if len(paths) > 1:
        raise click.UsageError("with --since name one file or folder; it is compared with itself")
    path = (paths or (DEFAULT,))[0]
    new = _policies(path)
    with at_revision(path, revision) as before:
        try:
            return differences(_policies(before), new)
        except PolicyInvalid as invalid:
            told = {p: f"{revision}:{p.file.replace(str(before), str(path))}" for p in invalid.problems}
            raise PolicyInvalid(p.model_copy(update={"file": told[p]}) for p in told) from invalid


def _between(paths: tuple[Path, ...]) -> list[Difference]:
    if len(paths) != 2:  # noqa: PLR2004 an old one and a new one
        raise click.UsageError("name an old and a new file or folder, or one of them and --since REVISION")
    return differences(_policies(paths[0]), _policies(paths[1]))


def _policies(path: Path) -> Sequence[Policy]:
    """Raises PolicyInvalid where any cannot be read: half a comparison would be no answer."""
    book = look([path])
    if book.problems:
        raise PolicyInvalid(book.problems)
    return book.policies
