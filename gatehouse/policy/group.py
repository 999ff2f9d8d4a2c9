"""`gatehouse policy`: its commands, each imported when it is called."""

import click

from gatehouse.late_group import LateGroup

COMMANDS = {
    "check": "gatehouse.policy.check:check",
    "test": "gatehouse.policy.trial:test",
    "diff": "gatehouse.policy.diff:diff",
    "backtest": "gatehouse.policy.backtest:backtest",
    "doc": "gatehouse.policy.doc:doc",
    "new": "gatehouse.policy.new:new",
    "schema": "gatehouse.policy.schema:schema",
    "explain": "gatehouse.status_commands:explain",
}


@click.group(cls=LateGroup, table=COMMANDS, epilog="Example: gatehouse policy check")
def policy() -> None:
    """Write, check, test and compare policy files; most of it needs no server."""
