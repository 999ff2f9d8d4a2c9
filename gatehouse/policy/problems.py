"""How the author's tools print problems and good news on a terminal."""

from collections.abc import Iterable

import click

from policies.problems import Problem


def print_problems(problems: Iterable[Problem], *, colour: str = "red") -> None:
    """One line each: the place, then what is wrong and what to write instead."""
    for problem in problems:
        click.echo(f"{click.style(problem.place, bold=True)}: {click.style(problem.sentence, fg=colour)}")


def print_fine(text: str) -> None:
    """A line that ends well."""
    click.echo(click.style(text, fg="green"))
