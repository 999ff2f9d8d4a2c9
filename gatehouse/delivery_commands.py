"""`gatehouse deliveries`: what came in and what became of it; `replay` takes it once more."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click
from rich.markup import escape
from rich.table import Table
from sqlalchemy import Engine

from gatehouse import pages
from gatehouse.failures import Exit
from gatehouse.own_ledger import own_ledger
from ledger import deliveries as inbound
from ledger.deliveries import Came
from ledger.engine import reading
from ledger.history import describe
from registry.settings import RegistrySettings
from webhooks.dialects import DIALECTS
from webhooks.errors import DeliveryInvalid
from webhooks.replay import replay
from workers.bell import celery_bell
from workers.queue import LOOK
from workers.settings import QueueSettings

AT_ONCE = 100
TIMES = ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S")


@click.group(invoke_without_command=True, epilog="Example: gatehouse deliveries --model taxi-fare")
@click.option("--source", type=click.Choice(list(DIALECTS)), help="Only from there.")
@click.option("--model", help="Only those that tell of this model.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many.")
@click.option("--json", "machine", is_flag=True, help="Print JSON, with the bodies.")
@click.pass_context
def deliveries(
    context: click.Context, *, source: str | None, model: str | None, limit: int, machine: bool
) -> None:
    """The last deliveries of webhooks, newest first, and what became of each."""
    if context.invoked_subcommand is not None:
        return
    with reading(own_ledger()) as session:
        came = inbound.latest(session, limit=limit, source=source, model=model)
    if machine:
        pages.as_json([_plain(one) for one in came])
    elif came:
        _print(came)
    else:
        click.echo("Nothing has come in. Is the webhook there? See: gatehouse webhooks list")


@deliveries.command("replay", epilog="Example: gatehouse deliveries replay --since 2026-11-23")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--since", type=click.DateTime(TIMES), help="All that came since then (local time).")
@click.option("--all", "everything", is_flag=True, help="All that ever came.")
@click.option("--json", "machine", is_flag=True, help="Print JSON.")
def replay_command(ids: tuple[str, ...], *, since: datetime | None, everything: bool, machine: bool) -> None:
    """Take stored deliveries once more: their versions are looked at again. Twice is as good as once."""
    if sum((bool(ids), since is not None, everything)) != 1:
        raise click.UsageError("say which: some IDs, or --since TIME, or --all")
    ledger = own_ledger()
    with reading(ledger) as session:
        chosen = ids or inbound.since(session, since.astimezone(UTC) if since else None)
    report = _replayed(ledger, chosen, quiet=machine)
    if any(each["taken"] == "accepted" for each in report):
        bell = celery_bell(QueueSettings().redis_url)
        bell.ring(LOOK)
        bell.flush()
    failed = [each for each in report if each["problem"]]
    if machine:
        pages.as_json(report)
    else:
        for each in failed:
            click.echo(f"{each['id']}: {each['problem']}", err=True)
        click.echo(f"{len(report) - len(failed)} of {len(report)} taken once more.")
    raise SystemExit(Exit.NO if failed else Exit.FINE)


def _replayed(ledger: Engine, ids: Sequence[str], *, quiet: bool) -> list[dict[str, Any]]:
    report = []
    parts = [ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)]
    with click.progressbar(parts, label="Replaying", file=sys.stderr, hidden=quiet or len(parts) < 2) as bar:  # noqa: PLR2004 more than one
        for part in bar:
            with reading(ledger) as session:
                found = {came.delivery.id: came for came in inbound.by_id(session, part)}
            report += [_replay(ledger, each, found.get(each)) for each in part]
    return report


def _replay(ledger: Engine, delivery_id: str, came: Came | None) -> dict[str, Any]:
    if came is None:
        return {"id": delivery_id, "taken": None, "problem": "no such delivery came in"}
    try:
        taken = replay(ledger, came.delivery, datetime.now(UTC), RegistrySettings().workspaces)
    except DeliveryInvalid as error:
        return {"id": delivery_id, "taken": None, "problem": f"it cannot be read: {error}"}
    return {"id": delivery_id, "taken": taken, "problem": None}


def _print(came: Sequence[Came]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("time", "id", "from", "model", "version", "what", "became"):
        table.add_column(heading, overflow="fold")
    for one in came:
        at = f"{one.delivery.received.astimezone():%Y-%m-%d %H:%M:%S}"
        event = one.events[0].event if one.events else None
        named = (event.model, str(event.version or ""), describe(event)) if event else ("", "", "")
        words = (at, one.delivery.id, one.delivery.source, *named, _became(one))
        table.add_row(*(escape(word) for word in words))
    pages.console().print(table)


def _became(one: Came) -> str:
    if not one.events:
        return "nothing is on record"
    first, *again = one.events
    became = f"ignored: {first.ignored}" if first.ignored else "looked into"
    return f"{became}; replayed {len(again)}x" if again else became


def _plain(one: Came) -> dict[str, Any]:
    events = [
        {
            "at": recorded.at.isoformat(),
            "origin": recorded.origin,
            "ignored": recorded.ignored,
            "event": recorded.event.model_dump(mode="json"),
        }
        for recorded in one.events
    ]
    return vars(one.delivery) | {"received": one.delivery.received.isoformat(), "events": events}
