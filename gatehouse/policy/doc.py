"""`gatehouse policy doc`: a policy as a page that a reviewer can read aloud."""

from pathlib import Path

import click

from gatehouse.policy.looking import look_at_file
from gatehouse.policy.rendering import render
from policies.outline import outline


@click.command(epilog="Example: gatehouse policy doc policy.yaml > policy.md")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--html", is_flag=True, help="A page of its own for a browser, instead of Markdown.")
def doc(file: Path, *, html: bool) -> None:
    """Print the policy of FILE as a page: every gate, approval and step, with what it means.

    Exit code 0: fine, 1: the file cannot be read, 2: wrong call.
    """
    page = render("page.html" if html else "page.md", policy=outline(look_at_file(file)))
    click.echo(page, nl=False)
