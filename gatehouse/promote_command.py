"""`gatehouse promote`: a promotion over the gate's head, by those whom the policy names."""

from collections.abc import Mapping
from functools import partial

import click

from gatehouse.review_commands import answer
from gatehouse.terminal import at_the_terminal, json_option, model_argument, version_argument, who_option
from policies.people import Act
from policies.verdicts import Vote
from registry.mlflow_open import open_registry
from registry.settings import RegistrySettings
from workers.glass import break_glass


@click.command(epilog="Example: gatehouse promote taxi-fare 2 --as ada --reason 'fares of 0 since noon'")
@model_argument
@version_argument
@who_option
@click.option("--reason", required=True, metavar="TEXT", help="Why; it is told to everybody.")
@json_option
def promote(model: str, version: int, *, name: str, reason: str, machine: bool) -> None:
    """Break the glass: put MODEL VERSION into Production whatever its gates and reviewers say.

    Only for those whom the policy names under break_glass. Reviewers, owners and its channels are told.
    """
    here = at_the_terminal()
    act = Act(model=model, version=version, verb=Vote.PROMOTE, comment=reason)
    before = break_glass(here.ledger, here.book, here.person(name), act, here.now(), partial(_tags, model))
    here.ring()
    if not machine:
        click.echo(
            f"Recorded: {name} promotes {model} {version} over the gate's head. Waiting for the workers ..."
        )
    answer(here.next_after(before, model, version), machine=machine)


def _tags(model: str) -> Mapping[str, str]:
    """Asked for only where a policy chooses by them."""
    return open_registry(RegistrySettings()).model_tags(model)
