"""`gatehouse policy schema`: what an editor completes from."""

import click

from gatehouse import pages
from gatehouse.policy.looking import tell_of_unusable_gates
from policies.case_file import CaseFile
from policies.defaults import Defaults
from policies.language import Policy
from policies.reviewers import Reviewers
from policies.schema import schema_of
from policies.section import Section

FILES: dict[str, type[Section]] = {
    "policy": Policy,
    "cases": CaseFile,
    "reviewers": Reviewers,
    "defaults": Defaults,
}


@click.command(epilog="Example: gatehouse policy schema > policy.schema.json")
@click.argument("file", type=click.Choice(list(FILES)), default="policy")
def schema(file: str) -> None:
    """Print the JSON Schema (draft 2020-12) of policy files, or of cases, reviewers or defaults.

    A team's own gates are in it where they are installed.
    """
    tell_of_unusable_gates()
    pages.as_json(schema_of(FILES[file]))
