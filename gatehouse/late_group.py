"""LateGroup: commands that are imported when they are called: `status` need not wait for MLflow."""

import importlib
from collections.abc import Mapping
from typing import Any

import click

from gatehouse.failures import told


class LateGroup(click.Group):
    """A group whose commands are imported by name, `module:attribute`, when they are asked for."""

    def __init__(self, *args: Any, table: Mapping[str, str], **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 click's signature
        """In the order of the table, which is the order of the work."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 click's signature
        """Import and return one command."""
        if cmd_name not in self.table:
            return None
        module, name = self.table[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; our own errors become one sentence and an exit code."""
        with told():
            return super().invoke(ctx)
