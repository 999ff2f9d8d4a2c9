"""`gatehouse webhooks sync|test|list`: the webhook at MLflow that tells Gatehouse what happens there."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import click
from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict
from rich.markup import escape
from rich.table import Table
from sqlalchemy import Engine

from gatehouse import pages
from gatehouse.failures import Exit
from gatehouse.own_ledger import own_ledger
from ledger import deliveries
from ledger.engine import reading
from ledger.errors import LedgerError
from registry import mlflow_webhooks
from registry.mlflow_open import each_workspace
from registry.mlflow_webhooks import NAME, Hook, Tested
from registry.settings import RegistrySettings
from webhooks.dialects import DIALECTS, DialectSecrets
from webhooks.mlflow_dialect import SAMPLE_MODEL, SOURCE

LOOKS, LOOK_S = 20, 0.1
"""The receiver commits before it answers, so the first look finds it; a replica of a database may lag."""

_machine = click.option("--json", "machine", is_flag=True, help="Print JSON.")


class SyncSettings(DialectSecrets):
    """What the webhook is made from: the secret that MLflow signs with, and where it sends to."""

    model_config = SettingsConfigDict(hide_input_in_errors=True)

    webhook_secret: SecretStr
    receiver_url: str = ""


@click.group(epilog="Example: gatehouse webhooks sync --url https://gatehouse.example.org")
def webhooks() -> None:
    """Look after the webhook at the MLflow server."""


@webhooks.command(epilog="Example: gatehouse webhooks sync --url https://gatehouse.example.org")
@click.option("--url", help="The receiver's address as MLflow reaches it (GATEHOUSE_RECEIVER_URL).")
@_machine
def sync(*, url: str | None, machine: bool) -> None:
    """Make the webhook what it should be: there once, active, for all events, with the secret in use."""
    settings = SyncSettings()
    address = _address(url or settings.receiver_url)
    secret = settings.secrets()[SOURCE][0]
    registry = RegistrySettings()
    uri = registry.registry_url
    wanted = {"name": NAME, "url": address}
    changed = [mlflow_webhooks.ensure_webhook(uri, **wanted, secret=secret) for _ in each_workspace(registry)]
    if machine:
        pages.as_json(wanted | {"changed": any(changed), "events": mlflow_webhooks.EVENTS})
        return
    places = f" in {', '.join(registry.workspaces)}" if registry.workspaces else ""
    click.echo(
        f"The webhook '{NAME}' at {uri}{places} {'now sends' if any(changed) else 'sends'} to {address}."
    )
    click.echo("Its secret was set anew. A running MLflow server heeds both within a minute.")


@webhooks.command("test", epilog="Example: gatehouse webhooks test")
@_machine
def test_command(*, machine: bool) -> None:
    """Have MLflow send its sample, and see whether it arrives in the ledger. It is judged by nobody.

    Of several workspaces the first that is guarded is taken: the way is the same.
    """
    ledger = own_ledger()
    before = _last_sample(ledger)
    hook, tested = _sample(RegistrySettings())
    arrived = tested.success and _arrives(ledger, before, sleep=time.sleep)
    said = f"{tested.status or 'no answer'}{f': {tested.said}' if tested.said else ''}"
    if machine:
        pages.as_json({"url": hook.url, "status": tested.status, "said": tested.said, "arrived": arrived})
    elif arrived:
        click.echo(f"MLflow's sample came to {hook.url} and stands in the ledger.")
    elif tested.success:
        click.echo(f"{hook.url} answered {said}, yet this ledger has nothing: is it the receiver's?")
    else:
        click.echo(f"MLflow sent its sample to {hook.url} in vain ({said}).")
    raise SystemExit(Exit.FINE if arrived else Exit.NO)


@webhooks.command("list", epilog="Example: gatehouse webhooks list --json")
@_machine
def list_command(*, machine: bool) -> None:
    """The webhooks at the MLflow server; MLflow does not say in a delivery which one sent it."""
    registry = RegistrySettings()
    uri = registry.registry_url
    hooks = [hook for _ in each_workspace(registry) for hook in mlflow_webhooks.list_webhooks(uri)]
    last = _last_received()
    if machine:
        pages.as_json([_plain(hook, last) for hook in hooks])
        return
    if not any(hook.ours for hook in hooks):
        click.echo(f"There is no webhook '{NAME}' yet. Make it: gatehouse webhooks sync")
    if hooks:
        _print(hooks, last)


def _sample(registry: RegistrySettings) -> tuple[Hook, Tested]:
    uri = registry.registry_url
    for _ in each_workspace(registry):
        for hook in mlflow_webhooks.list_webhooks(uri):
            if hook.ours:
                return hook, mlflow_webhooks.send_sample(uri, hook)
    raise click.ClickException(f"MLflow at {uri} has no webhook '{NAME}'; run: gatehouse webhooks sync")


def _address(told: str) -> str:
    parts = urlsplit(told)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise click.UsageError(
            "say where MLflow reaches the receiver: --url, or GATEHOUSE_RECEIVER_URL, such as http://127.0.0.1:8000"
        )
    path = DIALECTS[SOURCE].path
    return told if parts.path == path else f"{told.rstrip('/')}{path}"


def _last_sample(ledger: Engine) -> str | None:
    """The id of the last delivery of MLflow's sample."""
    with reading(ledger) as session:
        came = deliveries.latest(session, limit=100, source=SOURCE, model=SAMPLE_MODEL)
    samples = (one.delivery.id for one in came for told in one.events if "sample" in told.event.detail)
    return next(samples, None)


def _arrives(ledger: Engine, before: str | None, *, sleep: Callable[[float], None]) -> bool:
    for _ in range(LOOKS):
        if _last_sample(ledger) != before:
            return True
        sleep(LOOK_S)
    return False


def _last_received() -> datetime | None:
    """None also where this machine cannot see the ledger: what MLflow has can be told all the same."""
    try:
        ledger = own_ledger()
        with reading(ledger) as session:
            return deliveries.last_received(session, SOURCE)
    except LedgerError as error:
        click.echo(f"gatehouse: {error}", err=True)
        return None


def _print(hooks: list[Hook], last: datetime | None) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("name", "sends to", "status", "events", "last delivery"):
        table.add_column(heading, overflow="fold")
    for hook in hooks:
        lacks = f", lacks {', '.join(hook.missing)}" if hook.ours and hook.missing else ""
        came = f"{last.astimezone():%Y-%m-%d %H:%M:%S}" if hook.ours and last else ""
        status = "active" if hook.active else "disabled"
        words = (hook.name, hook.url, status, f"{len(hook.events)}{lacks}", came if hook.ours else "not ours")
        table.add_row(*(escape(word) for word in words))
    pages.console().print(table)


def _plain(hook: Hook, last: datetime | None) -> dict[str, Any]:
    last_delivery = last.isoformat() if hook.ours and last else None
    return vars(hook) | {"ours": hook.ours, "missing": hook.missing, "last_delivery": last_delivery}
