"""`gatehouse doctor`: every check, each in a line, whatever the others found."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Literal

import click

from gatehouse import pages
from gatehouse.doctor.checks import CHECKS, Unwell
from gatehouse.failures import CODES, Exit

State = Literal["fine", "unwell", "unclear"]
EXITS: dict[State, Exit] = {"fine": Exit.FINE, "unwell": Exit.NO, "unclear": Exit.COULD_NOT_TELL}
COLOURS: dict[State, str] = {"fine": "green", "unwell": "red", "unclear": "yellow"}


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    check: str
    state: State
    sentence: str


@click.command(epilog="Example: gatehouse doctor --json")
@click.option("--json", "machine", is_flag=True, help="Print JSON.")
def doctor(*, machine: bool) -> None:
    """Look at everything that the gate stands on: ledger, queue, registry, policies, sandbox, channels.

    Changes nothing. Exit code 0: all is fine, 1: something is wrong, 3: something could not be asked.
    """
    found = []
    for finding in _findings():
        found.append(finding)
        if not machine:
            _print(finding)
    if machine:
        pages.as_json([asdict(finding) for finding in found])
    states = {finding.state for finding in found}
    raise SystemExit(EXITS["unwell" if "unwell" in states else "unclear" if "unclear" in states else "fine"])


def _findings() -> Iterator[Finding]:
    for name, check in CHECKS.items():
        yield Finding(name, *_asked(check))


def _asked(check: Callable[[], str]) -> tuple[State, str]:
    """A bug still shows its traceback; what the rooms call their errors is a finding."""
    try:
        return "fine", check()
    except Unwell as unwell:
        return "unclear" if unwell.unclear else "unwell", str(unwell)
    except Exception as error:
        code = next((CODES[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in CODES), None)
        if code is None:
            raise
        return "unclear" if code is Exit.COULD_NOT_TELL else "unwell", str(error)


def _print(finding: Finding) -> None:
    state = click.style(f"{finding.state:8}", fg=COLOURS[finding.state])
    click.echo(f"{state}{finding.check:10}{finding.sentence}")
