"""The command line. Exit codes: 0 fine, 1 no, 2 wrong call, 3 could not tell.

Each command's module is imported when the command is called: `status` need not wait for MLflow.
"""

import importlib
from typing import Any

import click

from gatehouse.failures import told

COMMANDS = {
    "up": "gatehouse.up_command:up",
    "demo": "gatehouse.demo.command:demo",
    "status": "gatehouse.status_commands:status",
    "history": "gatehouse.status_commands:history",
    "explain": "gatehouse.status_commands:explain",
    "approve": "gatehouse.review_commands:approve",
    "reject": "gatehouse.review_commands:reject",
    "retry": "gatehouse.work_commands:retry",
    "validate": "gatehouse.validate_command:validate",
    "policy": "gatehouse.policy_commands:policy",
    "webhooks": "gatehouse.webhook_commands:webhooks",
    "deliveries": "gatehouse.delivery_commands:deliveries",
    "ledger": "gatehouse.ledger_commands:ledger",
}


class LateGroup(click.Group):
    """A group whose commands are imported by name when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 click's signature
        """In the order of the table above, which is the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 click's signature
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; our own errors become one sentence and an exit code."""
        with told():
            return super().invoke(ctx)


@click.group(cls=LateGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gatehouse")
def main() -> None:
    """The gate of an MLflow model registry.

    Example: gatehouse up
    """
