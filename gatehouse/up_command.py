"""`gatehouse up`: the local stack in the foreground, until Ctrl-C."""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from console.roles import Role
from console.signin.entering import make_link
from gatehouse.signin_commands import this_user
from gatehouse.stack.local import LocalStack
from gatehouse.stack.ports import Ports
from ledger.engine import open_ledger
from ledger.migrate import upgrade
from ledger.signin_links import Link
from policies.datasets import VARIABLE
from policies.load import load_policies
from registry.settings import home
from workers.settings import WorkerSettings


@click.command(epilog="Example: TAXI_HOLDOUT=holdout.parquet gatehouse up --policies policies/definitions")
@click.option(
    "--home", "folder", type=click.Path(path_type=Path), help="Where it keeps everything (.gatehouse)."
)
@click.option("--policies", type=click.Path(path_type=Path), help="Folder of policies.")
def up(*, folder: Path | None, policies: Path | None) -> None:
    """Start the local stack: MLflow, Redis, receiver, workers, console. Ctrl-C stops all of it."""
    chosen = policies or WorkerSettings().policies
    try:
        with open_stack(folder or home(), chosen, report=click.echo, datasets=os.environ) as stack:
            click.echo(f"MLflow    {stack.site.registry_url}")
            click.echo(f"Gatehouse {stack.site.console_url}")
            click.echo(f"Sign in   {_own_link(stack)}")
            click.echo("Ctrl-C stops all of it.")
            stack.watch()
    except KeyboardInterrupt:
        click.echo("Stopped.")


def _own_link(stack: LocalStack) -> str:
    """A way in for whoever started the stack, who may do everything here anyway."""
    ledger = open_ledger(stack.site.settings["GATEHOUSE_LEDGER_URL"])
    link = Link(this_user(), Role.ADMIN)
    return make_link(ledger, link, console_url=stack.site.console_url, now=datetime.now(UTC))


def open_stack(
    folder: Path,
    policies: Path,
    *,
    report: Callable[[str], None],
    datasets: Mapping[str, str],
    wanted: Ports | None = None,
) -> LocalStack:
    """The stack with a migrated ledger; workers learn only those variables that the policies name."""
    book = load_policies(policies)
    for problem in book.problems:
        report(str(problem))
    uris = [dataset.uri for policy in book.policies for dataset in policy.datasets.values()]
    named = {name for uri in uris for name in VARIABLE.findall(uri)}
    return LocalStack(
        folder,
        policies=policies,
        prepare=lambda url: upgrade(open_ledger(url)),
        report=report,
        wanted=wanted,
        worker_environ={name: datasets[name] for name in sorted(named) if name in datasets},
    )
